export interface Tokens {
  readonly person: string;
  readonly admin: string;
  readonly machine: string;
}

/** What the sample prints at start: three tokens, and lines to paste. */
export function whatToTry(url: string, { person, admin, machine }: Tokens): string {
  const headers = `grep -iE '^(HTTP|retry-after|x-ratelimit|ratelimit)'`;
  return `
Paste the tokens first:

export PERSON=${person}

export ADMIN=${admin}

export MACHINE=${machine}

Then try:

  for i in 1 2 3 4 5 6; do curl -si ${url}/search -H "Authorization: Bearer $PERSON" | ${headers}; done   # 5 a minute; the sixth is a 429
  curl -si ${url}/search -H "Authorization: Bearer $MACHINE" | ${headers}               # 20 for a machine
  curl -si ${url}/search/suggestions -H "Authorization: Bearer $PERSON" | ${headers}    # two limits at once
  curl -si ${url}/reports/light -H "Authorization: Bearer $PERSON" | ${headers}         # one of ten points
  curl -si ${url}/reports/heavy -H "Authorization: Bearer $PERSON" | ${headers}         # five of them
  curl -si ${url}/prices -H "X-Api-Key: key-of-acme" | ${headers}                       # by API key
  curl -si ${url}/prices | ${headers}                                                   # by address
  curl -si ${url}/exports -H "Authorization: Bearer $PERSON" -d rows=7500 | ${headers}  # by hand: a point for a thousand rows
  for i in 1 2 3; do curl -s -X POST ${url}/reminders/carol -H "Authorization: Bearer $PERSON"; echo; done # by hand: the third is not sent
  curl -s ${url}/reminders/carol -H "Authorization: Bearer $PERSON"                     # what remains
  curl -s -X DELETE ${url}/reminders/carol -H "Authorization: Bearer $ADMIN"            # from the start for carol
  curl -s -X DELETE ${url}/limits/users/alice -H "Authorization: Bearer $ADMIN"         # and for alice, on every route
`;
}
