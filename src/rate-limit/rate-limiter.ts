import { ipNetwork } from '../request/ip.js';
import { DEFAULT_IPV6_PREFIX_LENGTH } from '../request/identity.options.js';
import type { Asked } from './asked.js';
import { compilePolicy, machinesOf, namedCounter, type CompiledPolicy } from './compiled-policy.js';
import { textOf } from './identity.js';
import { chargeFor, decideByHand, partFor, refuseCallerFunctions } from './manual.js';
import { MemoryRateLimitStorage } from './memory/memory-rate-limit-storage.js';
import { checkCost, checkPolicy, checkWithM2M } from './rate-limit.options.js';
import type { RateLimitDecision, RateLimitIdentity, RateLimitPolicy } from './rate-limit.policy.js';
import type { RateLimitStorage } from './storage.js';
import { OptionsError } from '../options/options-error.js';
import { StoreGate } from './store-gate.js';

/** What a {@link RateLimiter} made by the module shares with it. */
export interface RateLimiterShares {
  readonly gate: StoreGate;
  readonly countedIp: (ip: string) => string;
  readonly counter: string;
  readonly told: (asked: readonly Asked[]) => void;
  /** Throws if the name is counted in another way elsewhere. */
  readonly accept: (policy: CompiledPolicy, path: string) => void;
}

/**
 * One limit, asked by hand, with Nest or without. Every identity has its own quota of it.
 *
 * Decisions are values; with the memory storage they are there at once. `isAllowed` and its like are the original's
 * methods and return promises.
 *
 * @example
 * ```ts
 * const limiter = new RateLimiter({ maxRequests: 100, windowSeconds: 60 });
 * if (!(await limiter.isAllowed('report-42'))) console.log('later');
 * ```
 */
export class RateLimiter {
  private readonly policy: CompiledPolicy;
  private readonly policies: readonly CompiledPolicy[];
  private readonly gate: StoreGate;
  private readonly countedIp: (ip: string) => string;
  private readonly told: (asked: readonly Asked[]) => void;

  /**
   * @param storage Default: a {@link MemoryRateLimitStorage} of its own. In a storage that other processes share the
   * policy needs a `name`.
   */
  constructor(policy: RateLimitPolicy, storage?: RateLimitStorage, shares?: RateLimiterShares) {
    checkPolicy(policy, 'policy');
    checkWithM2M(policy, policy, 'policy');
    refuseCallerFunctions(policy, 'policy');
    if (policy.m2m !== undefined) refuseCallerFunctions(policy.m2m, 'policy.m2m');
    const own = storage ?? shares?.gate.storage;
    if (own?.shared === true && policy.name === undefined) {
      throw new OptionsError(
        'ERR_AUTH_SERVICES_OPTION_REQUIRED',
        'policy.name is needed: the storage is shared, and other processes must count in the same counter.',
      );
    }
    const { name } = policy;
    const counter = name === undefined ? (shares?.counter ?? 'limiter') : namedCounter(name);
    this.policy = compilePolicy(policy, name ?? 'default', counter);
    this.policies = [this.policy];
    shares?.accept(this.policy, 'policy');
    this.gate = shares?.gate ?? new StoreGate({ storage: storage ?? new MemoryRateLimitStorage() });
    this.countedIp = shares?.countedIp ?? ((ip) => ipNetwork(ip, DEFAULT_IPV6_PREFIX_LENGTH));
    this.told = shares?.told ?? (() => undefined);
  }

  /** Spends `cost` (default: the policy's, 1) if it is there; a refused call spends nothing. */
  consume(identity: RateLimitIdentity, cost?: number): RateLimitDecision | Promise<RateLimitDecision> {
    checkCost(cost);
    return decideByHand(this.gate, this.policies, identity, this.text(identity), cost, true, this.told);
  }

  /** What `consume` would say, without spending. */
  peek(identity: RateLimitIdentity): RateLimitDecision | Promise<RateLimitDecision> {
    return decideByHand(this.gate, this.policies, identity, this.text(identity), undefined, false, this.told);
  }

  /** Counts, like the original. */
  async isAllowed(identity: RateLimitIdentity): Promise<boolean> {
    return (await this.consume(identity)).allowed;
  }

  /** What is left in the window now; counts nothing. */
  async getRemaining(identity: RateLimitIdentity): Promise<number> {
    return (await this.peek(identity)).remaining;
  }

  /** Gives the most recent `cost` (default: the policy's) back. */
  async refund(identity: RateLimitIdentity, cost?: number): Promise<void> {
    checkCost(cost);
    await this.gate.giveBack(this.text(identity), [chargeFor(partFor(this.policy, identity), cost)]);
  }

  /** Gives the identity its whole quota of this limit back, and ends its block. */
  async reset(identity: RateLimitIdentity): Promise<void> {
    await this.gate.reset(this.text(identity), this.counters());
  }

  /** Gives everybody the whole quota of this limit back. */
  async clearAll(): Promise<void> {
    await this.gate.clear(this.counters());
  }

  private counters(): string[] {
    const { counter, m2m } = this.policy;
    return [counter, m2m?.counter ?? machinesOf(counter)];
  }

  private text(identity: RateLimitIdentity): string {
    return textOf(identity, this.countedIp);
  }
}
