import type { HttpException } from '@nestjs/common';
import { httpRefusal, type Problem, type Refusal } from '../refusal/refusal.js';
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
  return httpRefusal(refusalOf(decision.source, decision.retryAfterMs, violatedBy(decision)));
}

/** The names of the policies that refuse. */
export function violatedBy({ policy, policies }: RateLimitDecision): string[] {
  if (policies.length === 0) return [policy];
  return policies.filter((one) => !one.allowed && one.shadow !== true).map((one) => one.policy);
}

/** The problem types that draft-ietf-httpapi-ratelimit-headers registers, in the form of RFC 9457. */
function problemOf(type: string, title: string, violated: readonly string[]): Problem {
  return { type: `https://iana.org/assignments/http-problem-types#${type}`, title, 'violated-policies': violated };
}

/** What a refused client is told. The policies' names are in the headers, and in the problem if it asks for one. */
export function refusalOf(
  source: RateLimitDecision['source'],
  retryAfterMs: number,
  violated: readonly string[],
  headers?: Readonly<Record<string, string>>,
): Refusal {
  const seconds = retryAfterSeconds(retryAfterMs);
  if (source === 'closed') {
    const message = 'The service cannot take this request at the moment. Try again later.';
    const problem = problemOf('temporary-reduced-capacity', 'Service temporarily at reduced capacity', violated);
    return { statusCode: 503, code: 'rate_limit_unavailable', message, retryAfterSeconds: seconds, headers, problem };
  }
  const message =
    seconds === undefined
      ? 'Too many requests: this one is never allowed.'
      : `Too many requests. Try again in ${seconds} second${seconds === 1 ? '' : 's'}.`;
  const problem = problemOf(
    'quota-exceeded',
    'Request cannot be satisfied as assigned quota has been exceeded',
    violated,
  );
  return { statusCode: 429, code: 'rate_limited', message, retryAfterSeconds: seconds, headers, problem };
}
