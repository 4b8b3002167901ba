import type { CompiledPolicy } from './compiled-policy.js';
import type { RateLimitSource } from './rate-limit.policy.js';
import type { RateLimitAnswer, RateLimitCharge, RateLimitStorage } from './storage.js';

/** The least that `Retry-After` can say. */
const LEASE_RETRY_MS = 1000;

/** One policy asked for one call: what was asked, of whom, and what the answer was. */
export class Asked {
  charge: RateLimitCharge;
  answer!: RateLimitAnswer;
  source: RateLimitSource = 'memory';
  /** Where it was charged; `undefined` if it was not, or has been given back. */
  chargedIn: RateLimitStorage | undefined = undefined;
  /** How much of the charge was spent late. No receipt names it: taken back by one it would be somebody else's. */
  late = 0;

  constructor(
    readonly policy: CompiledPolicy,
    readonly identity: string,
    charge: RateLimitCharge,
  ) {
    this.charge = charge;
  }

  get isRefusing(): boolean {
    return !this.answer.allowed && !this.policy.shadow;
  }

  /** What to tell of waiting. A place among so many at once is free as soon as a call ends, and nobody knows when. */
  get retryAfterMs(): number {
    const { retryAfterMs } = this.answer;
    if (!this.policy.isLease || retryAfterMs === Infinity) return retryAfterMs;
    return Math.min(retryAfterMs, Math.max(LEASE_RETRY_MS, this.charge.blockMs));
  }
}

/** The one that the decision is about: of those refusing the one that refuses longest, else the one with the least left. */
export function decisive(asked: readonly Asked[]): Asked | undefined {
  let refusing: Asked | undefined;
  let least: Asked | undefined;
  let leastShare = Infinity;
  for (let index = 0; index < asked.length; index++) {
    const one = asked[index]!;
    if (one.policy.shadow) continue;
    if (!one.answer.allowed) {
      if (refusing === undefined || one.retryAfterMs > refusing.retryAfterMs) refusing = one;
    } else if (refusing === undefined) {
      const share = one.charge.limit === 0 ? 0 : one.answer.remaining / one.charge.burst;
      if (share < leastShare) {
        leastShare = share;
        least = one;
      }
    }
  }
  return refusing ?? least;
}
