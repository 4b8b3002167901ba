import { OptionsError } from '../options/options-error.js';
import { Asked } from './asked.js';
import type { CompiledPolicy } from './compiled-policy.js';
import { decisionOf } from './decision.js';
import { isClient } from './identity.js';
import type { RateLimitDecision, RateLimitIdentity, RateLimitPolicy } from './rate-limit.policy.js';
import type { StoreGate } from './store-gate.js';
import type { RateLimitCharge } from './storage.js';

/** What an application asks by hand has an identity and no caller: the part for machines is chosen by the identity's kind. */
export function partFor(policy: CompiledPolicy, identity: RateLimitIdentity): CompiledPolicy {
  return policy.m2m !== undefined && isClient(identity) ? policy.m2m : policy;
}

export function chargeFor(policy: CompiledPolicy, cost: number | undefined): RateLimitCharge {
  return cost === undefined || cost === policy.charge.cost ? policy.charge : { ...policy.charge, cost };
}

/** Asks all of one identity in one step; the answer is at once where the storage's is. */
export function decideByHand(
  gate: StoreGate,
  policies: readonly CompiledPolicy[],
  identity: RateLimitIdentity,
  text: string,
  cost: number | undefined,
  charging: boolean,
  told: (asked: readonly Asked[]) => void,
): RateLimitDecision | Promise<RateLimitDecision> {
  const asked = policies.map((policy) => {
    const part = partFor(policy, identity);
    return new Asked(part, text, chargeFor(part, cost));
  });
  const admitted = charging ? gate.consume(asked) : gate.peek(asked);
  if (typeof admitted === 'boolean') return decided(gate, asked, admitted, charging, told);
  return admitted.then((found) => decided(gate, asked, found, charging, told));
}

function decided(
  gate: StoreGate,
  asked: readonly Asked[],
  admitted: boolean,
  charging: boolean,
  told: (asked: readonly Asked[]) => void,
): RateLimitDecision {
  if (charging) told(asked);
  return decisionOf(asked, admitted, charging ? gate : undefined);
}

/** A limiter that is asked by hand has no caller to hand to these: better said than ignored. */
export function refuseCallerFunctions(policy: RateLimitPolicy, path: string): void {
  for (const key of ['override', 'skipIf', 'countWhen', 'identifier', 'cost'] as const) {
    if (typeof policy[key] !== 'function') continue;
    throw new OptionsError(
      'ERR_AUTH_SERVICES_OPTION_UNSUPPORTED',
      `${path}.${key} is a function of the caller, and a limiter that is asked by hand has none. Work it out before you ask, or use @RateLimit().`,
    );
  }
}
