import { decisive, type Asked } from './asked.js';
import { checkCost } from './rate-limit.options.js';
import type { RateLimitAlgorithm } from './algorithms/index.js';
import type { RateLimitDecision, RateLimitSource } from './rate-limit.policy.js';
import type { Awaitable } from './storage.js';
import type { StoreGate } from './store-gate.js';

const NONE: readonly RateLimitDecision[] = Object.freeze([]);

/** The answers as one decision, the form in which an application gets them; with the gate, what was charged can be settled. */
export function decisionOf(asked: readonly Asked[], admitted: boolean, gate?: StoreGate): RateLimitDecision {
  // Policies in shadow do not decide; where there are no others, the first speaks for a call that may pass.
  const chosen = decisive(asked) ?? asked[0]!;
  const own = asked.length === 1 ? NONE : asked.map((one) => new Decision(one, one.answer.allowed, NONE, [one], gate));
  return new Decision(chosen, admitted, own, asked, gate);
}

/** A class for its one method, which costs nothing until it is called. */
class Decision implements RateLimitDecision {
  readonly policy: string;
  readonly algorithm: RateLimitAlgorithm;
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
  readonly retryAfterMs: number;
  readonly source: RateLimitSource;
  readonly windowMs: number;
  declare readonly shadow?: true;
  declare readonly release?: () => void;
  readonly #asked: readonly Asked[];
  readonly #gate: StoreGate | undefined;

  constructor(
    one: Asked,
    readonly allowed: boolean,
    readonly policies: readonly RateLimitDecision[],
    asked: readonly Asked[],
    gate: StoreGate | undefined,
  ) {
    const { policy, charge, answer } = one;
    this.policy = policy.name;
    this.algorithm = charge.algorithm;
    this.limit = charge.limit;
    this.remaining = answer.remaining;
    this.resetMs = answer.resetMs;
    this.retryAfterMs = allowed ? 0 : one.retryAfterMs;
    this.source = one.source;
    this.windowMs = charge.windowMs;
    this.#asked = asked;
    this.#gate = gate;
    if (policy.shadow) this.shadow = true;
    if (gate !== undefined && asked.some(isHeld)) this.release = () => void gate.refund(asked.filter(isHeld));
  }

  settle(cost: number): Awaitable<void> {
    checkCost(cost);
    return this.#gate?.settle(this.#asked, cost);
  }
}

const isHeld = (one: Asked): boolean => one.policy.isLease && one.chargedIn !== undefined;
