import { decisive, type Asked } from './asked.js';
import type { RateLimitHeadersOption } from './rate-limit.options.js';
import type { RateLimitAlgorithm } from './algorithms/index.js';
import type { RateLimitDecision } from './rate-limit.policy.js';
import { policyItem, quotedName, stateItem, tellsReset } from './wire.js';

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
 * has them. A refusal has `Retry-After` too. What is in shadow is not told. When a place among so many calls at once
 * is free again (`concurrency`) nobody knows, so of that no time is told but a `Retry-After` of 1.
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
    if (isLegacy(format)) {
      const { algorithm, limit, remaining, resetMs } = decision;
      setLegacy(headers, algorithm, limit, remaining, resetMs, nowMs);
    }
    if (isDraft(format)) {
      headers['RateLimit-Policy'] = told
        .map((one) => policyItem(quotedName(one.policy), one.algorithm, one.limit, one.windowMs))
        .join(', ');
      headers['RateLimit'] = told
        .map((one) => stateItem(quotedName(one.policy), one.algorithm, one.remaining, one.resetMs))
        .join(', ');
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
  const { algorithm, limit } = chosen.charge;
  const { remaining, resetMs } = chosen.answer;
  let policies = '';
  let states = '';
  if (format !== 'legacy') {
    for (let index = 0; index < asked.length; index++) {
      const { policy, answer, charge } = asked[index]!;
      if (policy.shadow) continue;
      const separator = policies === '' ? '' : ', ';
      policies += separator + policy.item;
      states += separator + stateItem(policy.quoted, charge.algorithm, answer.remaining, answer.resetMs);
    }
    // What nearly every answer has is made at one stroke: grown name by name it takes twice as long.
    if (format === 'both' && tellsReset(algorithm, resetMs)) {
      return {
        'X-RateLimit-Limit': `${limit}`,
        'X-RateLimit-Remaining': `${remaining}`,
        'X-RateLimit-Reset': resetAt(now(), resetMs),
        'RateLimit-Policy': policies,
        RateLimit: states,
      };
    }
  }
  const headers: Record<string, string> = {};
  if (isLegacy(format)) setLegacy(headers, algorithm, limit, remaining, resetMs, now());
  if (isDraft(format)) {
    headers['RateLimit-Policy'] = policies;
    headers['RateLimit'] = states;
  }
  return headers;
}

const isLegacy = (format: RateLimitHeadersOption): boolean => format === 'both' || format === 'legacy';
const isDraft = (format: RateLimitHeadersOption): boolean => format === 'both' || format === 'draft';

function setLegacy(
  headers: Record<string, string>,
  algorithm: RateLimitAlgorithm,
  limit: number,
  remaining: number,
  resetMs: number,
  nowMs: number,
): void {
  headers['X-RateLimit-Limit'] = `${limit}`;
  headers['X-RateLimit-Remaining'] = `${remaining}`;
  if (tellsReset(algorithm, resetMs)) headers['X-RateLimit-Reset'] = resetAt(nowMs, resetMs);
}

const resetAt = (nowMs: number, resetMs: number): string => `${Math.ceil((nowMs + resetMs) / 1000)}`;
