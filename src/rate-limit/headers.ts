import { decisive, type Asked } from './asked.js';
import type { RateLimitHeadersOption } from './rate-limit.options.js';
import type { RateLimitDecision } from './rate-limit.policy.js';
import { quotedName, windowParameter } from './wire.js';

/** Which headers are made, and against which clock. */
export interface RateLimitHeadersFormat {
  /** @default 'both' */
  readonly format?: RateLimitHeadersOption | undefined;
  /** The time of day in epoch milliseconds, for `X-RateLimit-Reset`. @default Date.now() */
  readonly nowMs?: number | undefined;
}

/**
 * The headers that tell a client where it stands, for a decision made by hand; guards send them by themselves.
 *
 * `X-RateLimit-Limit`, `-Remaining` and `-Reset` (epoch seconds, rounded up) are of the decision's policy;
 * `RateLimit-Policy` and `RateLimit` list every policy that was asked, as draft-ietf-httpapi-ratelimit-headers-10
 * has them. A refusal has `Retry-After` too. What is in shadow is not told.
 *
 * @example
 * ```ts
 * const decision = await limiter.consume({ ip: request.ip });
 * response.set(rateLimitHeaders(decision));
 * ```
 */
export function rateLimitHeaders(
  decision: RateLimitDecision,
  options: RateLimitHeadersFormat = {},
): Record<string, string> {
  const headers: Record<string, string> = {};
  const { format = 'both', nowMs = Date.now() } = options;
  const all = decision.policies.length > 0 ? decision.policies : [decision];
  const told = all.filter((one) => one.shadow !== true);
  if (told.length > 0) {
    if (isLegacy(format)) setLegacy(headers, decision.limit, decision.remaining, decision.resetMs, nowMs);
    if (isDraft(format)) {
      headers['RateLimit-Policy'] = told
        .map((one) => `${quotedName(one.policy)};q=${one.limit}${windowParameter(one.windowMs)}`)
        .join(', ');
      headers['RateLimit'] = told.map((one) => state(quotedName(one.policy), one.remaining, one.resetMs)).join(', ');
    }
  }
  const retry = decision.allowed ? undefined : retryAfterSeconds(decision.retryAfterMs);
  if (retry !== undefined) headers['Retry-After'] = String(retry);
  return headers;
}

/** Whole seconds for `Retry-After`: at least 1, never earlier than quota returns; none when waiting cannot help. */
export function retryAfterSeconds(retryAfterMs: number): number | undefined {
  return Number.isFinite(retryAfterMs) ? Math.max(1, Math.ceil(retryAfterMs / 1000)) : undefined;
}

/** The same headers for what a guard has asked, from texts prepared when the policies were compiled. */
export function headersOf(
  asked: readonly Asked[],
  format: RateLimitHeadersOption,
  now: () => number,
): Record<string, string> | undefined {
  const chosen = decisive(asked);
  if (chosen === undefined || format === false) return undefined;
  const headers: Record<string, string> = {};
  if (isLegacy(format)) {
    setLegacy(headers, chosen.charge.limit, chosen.answer.remaining, chosen.answer.resetMs, now());
  }
  if (isDraft(format)) {
    let policies = '';
    let states = '';
    for (let index = 0; index < asked.length; index++) {
      const { policy, answer } = asked[index]!;
      if (policy.shadow) continue;
      const separator = policies === '' ? '' : ', ';
      policies += separator + policy.item;
      states += separator + state(policy.quoted, answer.remaining, answer.resetMs);
    }
    headers['RateLimit-Policy'] = policies;
    headers['RateLimit'] = states;
  }
  return headers;
}

const isLegacy = (format: RateLimitHeadersOption): boolean => format === 'both' || format === 'legacy';
const isDraft = (format: RateLimitHeadersOption): boolean => format === 'both' || format === 'draft';

function setLegacy(
  headers: Record<string, string>,
  limit: number,
  remaining: number,
  resetMs: number,
  nowMs: number,
): void {
  headers['X-RateLimit-Limit'] = `${limit}`;
  headers['X-RateLimit-Remaining'] = `${remaining}`;
  // No date is late enough for quota that never returns.
  if (resetMs !== Infinity) headers['X-RateLimit-Reset'] = `${Math.ceil((nowMs + resetMs) / 1000)}`;
}

/** `"name";r=99;t=60`; without `t` where no quota will ever return. */
function state(quoted: string, remaining: number, resetMs: number): string {
  return resetMs === Infinity ? `${quoted};r=${remaining}` : `${quoted};r=${remaining};t=${Math.ceil(resetMs / 1000)}`;
}
