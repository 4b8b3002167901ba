/** What the sample prints at start: an administrator's token, where the files are, and lines to paste. */
export function whatToTry(url: string, admin: string, directory: string): string {
  const json = `-H 'Content-Type: application/json'`;
  const alice = `-H "Authorization: Bearer $ALICE"`;
  const asAdmin = `-H "Authorization: Bearer $ADMIN"`;
  return `
Paste these first:

export ADMIN=${admin}

export AUDIT_DIR=${directory}

Then try, and watch the audit events appear here:

  curl -i ${url}/login ${json} -d '{"username":"alice","password":"guess"}'      # 401; why, is in the trail only
  ALICE=$(curl -s ${url}/login ${json} -d '{"username":"alice","password":"wonderland"}' | grep -oE 'eyJ[^"]+')
  curl -i ${url}/transfers ${alice} ${json} -d '{"from":"A-1","iban":"DE02120300000000202051","amount":30}'   # started, completed; the iban is redacted
  curl -i ${url}/transfers ${alice} ${json} -d '{"from":"A-1","iban":"DE02120300000000202051","amount":900}'  # started, failed
  curl -i ${url}/transfers ${alice} ${json} -d '{"from":"B-1","iban":"DE02120300000000202051","amount":1}'    # 403: access_denied, not_owner
  curl -i -X PUT ${url}/customers/c-1 ${alice} ${json} -d '{"city":"Oslo","password":"hunter2"}' # an action with metadata; the password is redacted
  curl -i -X DELETE ${url}/customers/c-1 ${alice}
  curl -i ${url}/heartbeat ${alice}                                     # no event
  curl -s "${url}/audit/events" ${asAdmin}                              # the latest first
  curl -s "${url}/audit/events?type=access_denied&user=alice" ${asAdmin}
  curl -i ${url}/audit/events ${alice}                                  # 403, which is an event too
  curl -s ${url}/audit/status ${asAdmin}                                # the sinks
  head -n 1 "$AUDIT_DIR"/*.jsonl                                        # the files: where this process began
`;
}
