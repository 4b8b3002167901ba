/* oxlint-disable typescript/no-explicit-any -- the frameworks' requests and responses share no type */

/** Node's own request under Fastify's wrapper; Express hands over Node's own. */
export function rawOf(request: any): object {
  return request?.raw ?? request;
}

/** Sets headers where there are any to set; says nothing where there are none, or they have left already. */
export function setHeaders(response: any, headers: Readonly<Record<string, string>>): void {
  if (response === undefined || response === null) return;
  if (typeof response.headers === 'function' && response.raw !== undefined) {
    if (!response.sent && !response.raw.headersSent) response.headers(headers);
    return;
  }
  if (typeof response.setHeader !== 'function' || response.headersSent) return;
  for (const name in headers) response.setHeader(name, headers[name]);
}
