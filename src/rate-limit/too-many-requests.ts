import type { HttpException } from '@nestjs/common';
import { httpRefusal, type Refusal } from '../refusal/refusal.js';
import { retryAfterSeconds } from './headers.js';
import type { RateLimitDecision } from './rate-limit.policy.js';

/**
 * A refused decision as Nest's own exception: 429 with code `rate_limited`, or 503 with code `rate_limit_unavailable`
 * when the store was away and the policy is closed. The headers are set apart from it: see {@link rateLimitHeaders}.
 *
 * @example
 * ```ts
 * const decision = await limiter.consume({ user: user.id });
 * if (!decision.allowed) throw tooManyRequests(decision);
 * ```
 */
export function tooManyRequests(decision: RateLimitDecision): HttpException {
  return httpRefusal(refusalOf(decision.source, decision.retryAfterMs));
}

/** What a refused client is told. The policy's name is in the headers, nowhere else. */
export function refusalOf(
  source: RateLimitDecision['source'],
  retryAfterMs: number,
  headers?: Readonly<Record<string, string>>,
): Refusal {
  const seconds = retryAfterSeconds(retryAfterMs);
  if (source === 'closed') {
    const message = 'The service cannot take this request at the moment. Try again later.';
    return { statusCode: 503, code: 'rate_limit_unavailable', message, retryAfterSeconds: seconds, headers };
  }
  const message =
    seconds === undefined
      ? 'Too many requests: this one is never allowed.'
      : `Too many requests. Try again in ${seconds} second${seconds === 1 ? '' : 's'}.`;
  return { statusCode: 429, code: 'rate_limited', message, retryAfterSeconds: seconds, headers };
}
