import { IncomingMessage, ServerResponse } from 'node:http';

/* oxlint-disable typescript/no-explicit-any -- the frameworks' requests and responses share no type */

/** Node's own request under Fastify's wrapper; Express hands over Node's own, in which it is dear to look for what is not there. */
export function rawOf(request: any): object {
  return request instanceof IncomingMessage ? request : (request?.raw ?? request);
}

/** Sets headers where there are any to set; says nothing where there are none, or they have left already. */
export function setHeaders(response: any, headers: Readonly<Record<string, string>>): void {
  if (response === undefined || response === null) return;
  if (response instanceof ServerResponse) {
    setNodeHeaders(response, headers);
    return;
  }
  if (typeof response.headers === 'function' && response.raw !== undefined) {
    if (!response.sent && !response.raw.headersSent) response.headers(headers);
    return;
  }
  if (typeof response.setHeader !== 'function' || response.headersSent) return;
  for (const name in headers) response.setHeader(name, headers[name]);
}

/** That they have left already is learnt from what `setHeader` throws: of Express's response it is the dearest question. */
function setNodeHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  try {
    for (const name in headers) response.setHeader(name, headers[name]!);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_HTTP_HEADERS_SENT') throw error;
  }
}

/**
 * Sets the type of a refusal for good. Nest 11 sets that of every error to JSON, on Express, right before it calls `json()`;
 * so it is said once more there.
 */
export function holdType(response: any, type: string): void {
  const json: unknown = response?.json;
  if (typeof json !== 'function') return;
  response.json = (body: unknown): unknown => {
    if (!response.headersSent) response.setHeader('Content-Type', type);
    return json.call(response, body);
  };
}
