import { rawOf } from '../request/http-message.js';
import type { Origin } from '../request/transports/transport.js';

/**
 * The bearer token of an HTTP request: from its one `Authorization` header (RFC 6750 section 2.1) and nowhere else.
 * `undefined` if there is none, or if the header has another scheme; `null` if there are several, of which a proxy in front
 * may have looked at another one than we would.
 */
export function bearerOfRequest(request: Origin | undefined): string | null | undefined {
  const value: unknown = request?.headers?.authorization;
  if (value === undefined) return undefined;
  // Node keeps the first of several and says so only in the raw headers.
  if (typeof value !== 'string' || isRepeated((rawOf(request) as Origin).rawHeaders)) return null;
  return afterScheme(value);
}

/** The token of a call: the one that its client gave beside the headers (`auth.token` of Socket.IO), else that of its header. */
export function bearerOf(origin: Origin | undefined, beside: unknown): string | null | undefined {
  if (beside === undefined) return bearerOfRequest(origin);
  if (typeof beside !== 'string' || origin?.headers?.authorization !== undefined) return null;
  return afterScheme(beside) ?? beside;
}

const SCHEME = 'bearer';

/** A scheme is compared without case, and at least one space follows it (RFC 9110 section 11.4). */
function afterScheme(value: string): string | null | undefined {
  if (value.length < SCHEME.length || value.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  let start = SCHEME.length;
  if (start === value.length) return null;
  if (value.charCodeAt(start) !== 0x20) return value.charCodeAt(start) === 0x09 ? null : undefined;
  while (value.charCodeAt(start) === 0x20) start++;
  return start === value.length ? null : value.slice(start);
}

function isRepeated(rawHeaders: unknown): boolean {
  if (!Array.isArray(rawHeaders)) return false;
  let found = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name: unknown = rawHeaders[index];
    if (typeof name === 'string' && name.length === 13 && name.toLowerCase() === 'authorization') found++;
  }
  return found > 1;
}
