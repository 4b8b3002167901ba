import type { RateLimitAlgorithm } from './algorithms/index.js';

/**
 * Pieces of the RateLimit header fields of draft-ietf-httpapi-ratelimit-headers (-10): lists of RFC 9651 whose items
 * are the policies' names as strings.
 */

/** The name as a string of RFC 9651, section 3.3.3. Names hold printable ASCII only: the options are checked for it. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** `"name";q=100;w=60`, or `"name";q=5;qu="concurrent-requests"` for requests at the same time, which have no window. */
export function policyItem(quoted: string, algorithm: RateLimitAlgorithm, limit: number, windowMs: number): string {
  const unit = algorithm === 'concurrency' ? ';qu="concurrent-requests"' : windowParameter(windowMs);
  return `${quoted};q=${limit}${unit}`;
}

/** `"name";r=99;t=60`; without `t` where no quota will ever return, or nobody knows when. */
export function stateItem(quoted: string, algorithm: RateLimitAlgorithm, remaining: number, resetMs: number): string {
  const state = `${quoted};r=${remaining}`;
  return tellsReset(algorithm, resetMs) ? `${state};t=${Math.ceil(resetMs / 1000)}` : state;
}

/** Whether anybody knows when more quota returns. */
export const tellsReset = (algorithm: RateLimitAlgorithm, resetMs: number): boolean =>
  resetMs !== Infinity && algorithm !== 'concurrency';

/** The parameter takes whole seconds, so a window that is none is not stated rather than stated wrongly. */
const windowParameter = (windowMs: number): string =>
  windowMs > 0 && windowMs % 1000 === 0 ? `;w=${windowMs / 1000}` : '';
