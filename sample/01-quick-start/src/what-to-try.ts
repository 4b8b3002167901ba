/** What the sample prints at start: two tokens, and lines to paste. */
export function whatToTry(url: string, person: string, machine: string): string {
  return `
Paste the two tokens first:

export PERSON=${person}

export MACHINE=${machine}

Then try, and watch the audit events appear here:

  curl -i ${url}/orders  -H "Authorization: Bearer $PERSON"      # 200, with the caller's limit in the headers
  curl -i ${url}/profile -H "Authorization: Bearer $PERSON"      # 200: a person
  curl -i ${url}/profile -H "Authorization: Bearer $MACHINE"     # 403 human_only: a machine
  curl -i -X POST ${url}/sync -H "Authorization: Bearer $MACHINE"  # 201: a machine, with an action in its audit event
  curl -i ${url}/orders                                          # 401: nobody
  for i in 1 2 3 4; do curl -si ${url}/report -H "Authorization: Bearer $PERSON" | grep -iE '^(HTTP|retry-after|x-ratelimit|ratelimit)'; done   # the fourth is a 429
  curl -s ${url}/metrics                                         # Prometheus text
  curl -s ${url}/metrics -H 'Accept: application/json'           # the same as JSON
`;
}
