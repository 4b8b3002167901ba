export interface Tokens {
  readonly person: string;
  readonly billing: string;
  readonly reports: string;
  readonly unclear: string;
}

/** What the sample prints at start: a token of each kind, and lines to paste. */
export function whatToTry(url: string, { person, billing, reports, unclear }: Tokens): string {
  return `
Paste the tokens first: a person, two services, and one that does not tell.

export PERSON=${person}

export BILLING=${billing}

export REPORTS=${reports}

export UNCLEAR=${unclear}

Then try:

  curl -s ${url}/orders  -H "Authorization: Bearer $PERSON"            # both kinds: a person sees their own orders
  curl -s ${url}/orders  -H "Authorization: Bearer $BILLING"           # both kinds: a service sees all
  curl -i ${url}/profile -H "Authorization: Bearer $PERSON"            # 200: people only
  curl -i ${url}/profile -H "Authorization: Bearer $BILLING"           # 403 human_only
  curl -i -X POST ${url}/orders/sync -H "Authorization: Bearer $REPORTS" # 201: machines only
  curl -i -X POST ${url}/orders/sync -H "Authorization: Bearer $PERSON"  # 403 m2m_only
  curl -i -X POST ${url}/invoices -H "Authorization: Bearer $BILLING"    # 201: this machine only
  curl -i -X POST ${url}/invoices -H "Authorization: Bearer $REPORTS"    # 403 m2m_only: another one
  curl -i ${url}/profile -H "Authorization: Bearer $UNCLEAR"           # 403: in doubt it is no person,
  curl -i -X POST ${url}/orders/sync -H "Authorization: Bearer $UNCLEAR" # 403: and no machine either
  curl -s ${url}/token -H "Authorization: Bearer $BILLING"             # what the token tells
  curl -s ${url}/token/explanation -H "Authorization: Bearer $UNCLEAR" # why, in words
`;
}
