/** What the sample prints at start: where the log is, and lines to paste. */
export function whatToTry(url: string, home: string): string {
  const json = `-H 'Content-Type: application/json'`;
  return `
Paste this first:

export TRAIL=${home}

Then try:

  curl -s ${url}/payments ${json} -d '{"to":"bob","amount":40}'      # with its receipt: it is on the disk
  curl -s ${url}/payments ${json} -d '{"to":"carol","amount":7}'
  curl -s ${url}/trail/verify                       # clean, a second later: a checkpoint covers it, and is anchored
  curl -s ${url}/trail/verify-after/edit            # a copy in which 40 has become 4: tampered, file, line, number
  curl -s ${url}/trail/verify-after/remove          # without the line
  curl -s ${url}/trail/verify-after/cut             # without it and everything behind it
  tail -n 2 "$TRAIL"/log/*.jsonl                    # the records
  npx nestjs-auth-services audit verify "$TRAIL/log" --public-key "$TRAIL/audit-signing.pub.pem" --ratchet-key "$TRAIL/audit-ratchet.key"
                                                    # incomplete while it runs; stop the sample and it is clean
`;
}
