import { OptionsError } from '../options/options-error.js';
import { compilePolicy, namedCounter, type CompiledPolicy } from './compiled-policy.js';
import { given } from './given.js';
import { checkPolicyRefs, checkWithM2M, unknownPolicy, type RateLimitOptions } from './rate-limit.options.js';
import { NamedCounting } from './named-counting.js';
import type { PolicyRef, RateLimitPolicy } from './rate-limit.policy.js';

const DEFAULT_NAME = 'default';

export type PolicyRefs = PolicyRef | readonly PolicyRef[];

/** The application's policies by name, with `rateLimit.default` filled in. */
export class PolicyBook {
  private readonly named = new Map<string, CompiledPolicy>();
  private readonly counting: NamedCounting;
  /** `rateLimit.default` itself. */
  readonly defaultPolicy: RateLimitPolicy;

  constructor(
    options: RateLimitOptions = {},
    /** Other processes count in the same storage: what is written out in a call has to say under which name. */
    private readonly isShared = false,
  ) {
    this.counting = new NamedCounting(isShared);
    this.defaultPolicy = options.default ?? {};
    checkWithM2M(this.defaultPolicy, this.defaultPolicy, 'rateLimit.default');
    for (const [name, policy] of Object.entries(options.policies ?? {})) {
      const path = `rateLimit.policies.${name}`;
      this.named.set(name, compilePolicy(this.filled(policy, path), name, namedCounter(name)));
      this.counting.remember(this.named.get(name)!, path);
    }
  }

  get names(): Iterable<string> {
    return this.named.keys();
  }

  has(name: string): boolean {
    return this.named.has(name);
  }

  /** Throws, naming the nearest, if there is none of this name. */
  get(name: string, path: string): CompiledPolicy {
    const found = this.named.get(name);
    if (found === undefined) throw unknownPolicy(name, this.named.keys(), path);
    return found;
  }

  /** Whether it may charge a lease, which has to be given back when the call ends. */
  holdsLease(ref: PolicyRef): boolean {
    if (typeof ref === 'string') {
      const named = this.named.get(ref);
      return named !== undefined && (named.isLease || named.m2m?.isLease === true);
    }
    const { algorithm, m2m } = { ...this.defaultPolicy, ...given(ref) };
    return algorithm === 'concurrency' || m2m?.algorithm === 'concurrency';
  }

  /** Compiles the policies of a route. The nameless count in what `counterOf` says. */
  compile(
    refs: PolicyRefs,
    path: string,
    counterOf: (policy: RateLimitPolicy, index: number) => string,
  ): CompiledPolicy[] {
    const compiled = this.compileList(refs, path, counterOf);
    for (const policy of compiled) this.counting.remember(policy, path);
    return compiled;
  }

  /** Throws if this name is counted in another way elsewhere. */
  accept(policy: CompiledPolicy, path: string): void {
    this.counting.check(policy, path);
  }

  /** The nameless are called `default`, `default-2` and so on. */
  private compileList(
    refs: PolicyRefs,
    path: string,
    counterOf: (policy: RateLimitPolicy, index: number) => string,
  ): CompiledPolicy[] {
    const list = (Array.isArray(refs) ? refs : [refs]) as readonly PolicyRef[];
    const taken = new Set(list.map((ref) => (typeof ref === 'string' ? ref : ref.name)));
    const compiled = new Map<string, CompiledPolicy>();
    list.forEach((ref, index) => {
      const policy =
        typeof ref === 'string' ? this.get(ref, path) : this.written(ref, path, taken, () => counterOf(ref, index));
      if (!compiled.has(policy.counter)) compiled.set(policy.counter, policy);
      else if (list.indexOf(ref) === index) throw countedTwice(policy.name, path);
    });
    return [...compiled.values()];
  }

  /**
   * The policies that a call of the service means. One without a name counts by its figures: a literal inside a
   * function is another object each time it runs, and still the same limit.
   */
  referred(refs: PolicyRefs | undefined, path: string): CompiledPolicy[] {
    if (refs === undefined) return this.compileList(this.defaultPolicy, path, () => DEFAULT_NAME);
    checkPolicyRefs(refs, path);
    const compiled = this.compileList(refs, path, (policy) => {
      if (this.isShared) {
        throw new OptionsError(
          'ERR_AUTH_SERVICES_OPTION_REQUIRED',
          `${path} needs a name: the storage is shared, and other processes must count in the same counter.`,
        );
      }
      const { maxRequests, windowSeconds, algorithm, burst } = this.filled(policy, path);
      return `figures:${[maxRequests, windowSeconds, algorithm, burst].join('/')}`;
    });
    for (const policy of compiled) this.counting.check(policy, path);
    return compiled;
  }

  private written(
    policy: RateLimitPolicy,
    path: string,
    taken: Set<string | undefined>,
    counter: () => string,
  ): CompiledPolicy {
    const filled = this.filled(policy, path);
    if (policy.name !== undefined) return compilePolicy(filled, policy.name, namedCounter(policy.name));
    let name = DEFAULT_NAME;
    for (let number = 2; taken.has(name); number++) name = `${DEFAULT_NAME}-${number}`;
    taken.add(name);
    return compilePolicy(filled, name, counter());
  }

  /** A name says which counter, not how it counts: it is never filled in. */
  private filled(policy: RateLimitPolicy, path: string): RateLimitPolicy {
    const filled = { ...this.defaultPolicy, ...given(policy), name: undefined };
    checkWithM2M(policy, filled, path);
    return filled;
  }
}

function countedTwice(name: string, path: string): OptionsError {
  return new OptionsError(
    'ERR_AUTH_SERVICES_OPTION_UNSUPPORTED',
    `${path} asks the counter of ${JSON.stringify(name)} twice, with two policies. Leave one out, or give it a name of its own.`,
  );
}
