/** What the sample prints at start: where its processes are, and lines to paste. */
export function whatToTry(first: string, second: string, redis: string): string {
  const headers = `grep -iE '^(HTTP|retry-after|x-ratelimit|ratelimit)'`;
  return `
Two processes, one limit:

export FIRST=${first}

export SECOND=${second}

export REDIS=${redis}

Then try:

  for i in 1 2 3 4; do curl -si $FIRST/work | ${headers}; curl -si $SECOND/work | ${headers}; done   # six a minute together
  redis-cli -u $REDIS keys 'sample:*'       # one key for each caller and limit
  redis-cli -u $REDIS shutdown nosave       # no Redis any more
  for i in 1 2 3 4; do curl -si $FIRST/work | ${headers}; done                                       # half of the limit in each
  curl -si -X POST $FIRST/login             # 503: this one is closed without Redis
`;
}
