/**
 * Pieces of the RateLimit header fields of draft-ietf-httpapi-ratelimit-headers (-10): lists of RFC 9651 whose items
 * are the policies' names as strings.
 */

/** The name as a string of RFC 9651, section 3.3.3. Names hold printable ASCII only: the options are checked for it. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** `;w=60`. The parameter takes whole seconds, so a window that is none is not stated rather than stated wrongly. */
export function windowParameter(windowMs: number): string {
  return windowMs > 0 && windowMs % 1000 === 0 ? `;w=${windowMs / 1000}` : '';
}
