import { CappedNames } from './capped-names.js';
import { series } from './exposition.js';
import { identityLabeller } from './identity-label.js';
import { DEFAULT_IDENTITIES, DEFAULT_MAX_ERROR_TYPES, type MetricsOptions } from './metrics.options.js';
import { TopDenied } from './top-denied.js';

/** `shadow_denied`: a policy in shadow would have refused. */
export type RateLimitOutcome = 'allowed' | 'denied' | 'shadow_denied';

export class PolicyCounts {
  allowed = 0;
  denied = 0;
  shadow_denied = 0;
  readonly series: Readonly<Record<RateLimitOutcome, string>>;

  constructor(policy: string) {
    const of = (decision: RateLimitOutcome) => series('auth_rate_limit_decisions_total', { decision, policy });
    this.series = { allowed: of('allowed'), denied: of('denied'), shadow_denied: of('shadow_denied') };
  }
}

/** The limiter's decisions by policy, and who was denied most. */
export class RateLimitCounts {
  /** Policies that an application makes up as it goes could be without number, so they are capped like error types. */
  readonly policies: CappedNames<PolicyCounts>;
  readonly topDenied: TopDenied | undefined;
  /** Calls of callers for whom the memory storage had no place left. */
  overflowed = 0;

  constructor(options: MetricsOptions, maxPolicies: number = DEFAULT_MAX_ERROR_TYPES) {
    this.policies = new CappedNames([], maxPolicies, (policy) => new PolicyCounts(policy));
    const display = options.identities ?? DEFAULT_IDENTITIES;
    this.topDenied = display === false ? undefined : new TopDenied(identityLabeller(display));
  }

  add(policy: string, outcome: RateLimitOutcome, identity: string | undefined): void {
    const counts = this.policies.slotOf(policy);
    if (outcome === 'allowed') counts.allowed++;
    else if (outcome === 'shadow_denied') counts.shadow_denied++;
    else {
      counts.denied++;
      if (identity !== undefined) this.topDenied?.add(identity);
    }
  }

  total(outcome: RateLimitOutcome): number {
    let total = 0;
    for (const [, counts] of this.policies.entries()) total += counts[outcome];
    return total;
  }

  reset(): void {
    this.policies.reset();
    this.topDenied?.reset();
    this.overflowed = 0;
  }
}
