export interface Tokens {
  readonly person: string;
  readonly operator: string;
  readonly metricsToken: string;
}

/** What the sample prints at start: three tokens, and lines to paste. */
export function whatToTry(url: string, { person, operator, metricsToken }: Tokens): string {
  return `
There has been traffic already: 40 good tokens (30 within the limit), 6 expired ones, 4 with a broken signature.
Paste these first:

export METRICS=${metricsToken}

export OPERATOR=${operator}

export PERSON=${person}

Then try:

  curl -s ${url}/metrics -H "Authorization: Bearer $METRICS"                                # Prometheus text
  curl -s ${url}/metrics -H "Authorization: Bearer $METRICS" -H 'Accept: application/json'  # the snapshot
  curl -i ${url}/metrics                                                                    # 401: not for everybody
  curl -s ${url}/health                                                                     # degraded, and why
  curl -s ${url}/alerts -H "Authorization: Bearer $OPERATOR"                                # by threshold
  curl -i -X POST ${url}/metrics/reset -H "Authorization: Bearer $PERSON"                   # 403
  curl -i -X POST ${url}/metrics/reset -H "Authorization: Bearer $OPERATOR"                 # 204
  curl -s ${url}/health                                                                     # healthy
`;
}
