import type { Asked } from './asked.js';
import { machinesOf, type CompiledPolicy } from './compiled-policy.js';
import { textOf } from './identity.js';
import { chargeFor, decideByHand, partFor } from './manual.js';
import type { PolicyBook } from './policy-book.js';
import { checkCost } from './rate-limit.options.js';
import type { PolicyRef, RateLimitDecision, RateLimitIdentity, RateLimitPolicy } from './rate-limit.policy.js';
import { RateLimiter, type RateLimiterShares } from './rate-limiter.js';
import type { StoreGate } from './store-gate.js';

export interface RateLimiterServiceDeps {
  readonly book: PolicyBook;
  readonly gate: StoreGate;
  readonly countedIp: (ip: string) => string;
  readonly told: (asked: readonly Asked[]) => void;
}

/**
 * The application's limits, asked by hand: look before a login, count its failure, reset on its success.
 *
 * A policy is named as in `rateLimit.policies`, or written out, or a list of both, which is decided together; without
 * one `rateLimit.default` is meant. Decisions never fail: while the storage is away they are made as each policy's
 * `onStoreFailure` says. `refund`, `reset` and `clearAll` reject then, because there is nothing that they could give back. There is no caller here: a `{ client }` is asked with the policy's `m2m` part,
 * and `override`, `skipIf`, `countWhen` and a cost or identifier that is a function are the guard's alone.
 *
 * @example
 * ```ts
 * const decision = await limiter.consume({ ip }, 'login');
 * if (!decision.allowed) throw tooManyRequests(decision);
 * ```
 */
export class RateLimiterService {
  private created = 0;

  constructor(private readonly deps: RateLimiterServiceDeps) {}

  /** Spends `cost` (default: each policy's own, 1) of all policies or of none. At once with the memory storage. */
  consume(
    identity: RateLimitIdentity,
    policy?: PolicyRef | readonly PolicyRef[],
    cost?: number,
  ): RateLimitDecision | Promise<RateLimitDecision> {
    checkCost(cost);
    return this.decide(identity, policy, cost, true);
  }

  /** What `consume` would say, without spending. */
  peek(
    identity: RateLimitIdentity,
    policy?: PolicyRef | readonly PolicyRef[],
  ): RateLimitDecision | Promise<RateLimitDecision> {
    return this.decide(identity, policy, undefined, false);
  }

  /** Counts, like the original. */
  async isAllowed(identity: RateLimitIdentity, policy?: PolicyRef): Promise<boolean> {
    return (await this.consume(identity, policy)).allowed;
  }

  /** What is left of the policy now; counts nothing. */
  async getRemaining(identity: RateLimitIdentity, policy?: PolicyRef): Promise<number> {
    return (await this.peek(identity, policy)).remaining;
  }

  /** Gives the most recent `cost` (default: the policy's) back. */
  async refund(identity: RateLimitIdentity, policy?: PolicyRef, cost?: number): Promise<void> {
    checkCost(cost);
    const charges = this.policies(policy).map((one) => chargeFor(partFor(one, identity), cost));
    await this.deps.gate.giveBack(this.text(identity), charges);
  }

  /**
   * Gives the identity its whole quota of a policy back, and ends its block. Without a policy: of all of them, the
   * routes' own too, for which Redis has to look at every key it has (seconds where there are millions of them). Name the
   * policy where it is done often, as after each successful login.
   */
  async reset(identity: RateLimitIdentity, policy?: PolicyRef): Promise<void> {
    const text = this.text(identity);
    if (policy === undefined) return this.deps.gate.reset(text);
    await this.deps.gate.reset(text, this.policies(policy).flatMap(countersOf));
  }

  /** Gives everybody everything back. In Redis it looks at every key. */
  async clearAll(): Promise<void> {
    await this.deps.gate.clear();
  }

  /** A limiter in the application's storage; without a name each one created counts apart. */
  create(policy: RateLimitPolicy): RateLimiter {
    const { book, gate, countedIp, told } = this.deps;
    const accept: RateLimiterShares['accept'] = (compiled, path) => book.accept(compiled, path);
    return new RateLimiter(policy, undefined, { gate, countedIp, told, accept, counter: `created:${++this.created}` });
  }

  private decide(
    identity: RateLimitIdentity,
    refs: PolicyRef | readonly PolicyRef[] | undefined,
    cost: number | undefined,
    charging: boolean,
  ): RateLimitDecision | Promise<RateLimitDecision> {
    const { gate, told } = this.deps;
    return decideByHand(gate, this.policies(refs), identity, this.text(identity), cost, charging, told);
  }

  private policies(refs: PolicyRef | readonly PolicyRef[] | undefined): CompiledPolicy[] {
    return this.deps.book.referred(refs, 'policy');
  }

  private text(identity: RateLimitIdentity): string {
    return textOf(identity, this.deps.countedIp);
  }
}

/** Every counter a policy may have charged: its own and its machines'. */
function countersOf(policy: CompiledPolicy): string[] {
  return [policy.counter, policy.m2m?.counter ?? machinesOf(policy.counter)];
}
