import { decisive, type Asked } from './asked.js';
import type { RateLimitDecision } from './rate-limit.policy.js';

const NONE: readonly RateLimitDecision[] = Object.freeze([]);

/** The answers as one decision, the form in which an application gets them. */
export function decisionOf(asked: readonly Asked[], admitted: boolean): RateLimitDecision {
  // Policies in shadow do not decide; where there are no others, the first speaks for a call that may pass.
  const chosen = decisive(asked) ?? asked[0]!;
  const own = asked.length === 1 ? NONE : asked.map((one) => single(one, one.answer.allowed, NONE));
  return single(chosen, admitted, own);
}

function single(one: Asked, allowed: boolean, policies: readonly RateLimitDecision[]): RateLimitDecision {
  const { policy, charge, answer, source } = one;
  return {
    allowed,
    policy: policy.name,
    limit: charge.limit,
    remaining: answer.remaining,
    resetMs: answer.resetMs,
    retryAfterMs: allowed ? 0 : answer.retryAfterMs,
    source,
    policies,
    windowMs: charge.windowMs,
    ...(policy.shadow && { shadow: true }),
  };
}
