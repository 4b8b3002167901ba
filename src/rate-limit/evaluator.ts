import type { AuthEvents } from '../events/auth-events.js';
import type { Caller } from '../request/caller.js';
import { Asked } from './asked.js';
import { overridden, type CompiledPolicy } from './compiled-policy.js';
import { identityText, UNKNOWN_IP } from './identity.js';
import { checkOverride, MAX_LIMIT } from './rate-limit.options.js';
import type { RateLimitOutcome } from './rate-limit.policy.js';
import type { StoreGate } from './store-gate.js';
import type { RateLimitCharge } from './storage.js';

/** Whoever keeps what was asked for a call. */
export interface AskedFor {
  add(asked: readonly Asked[]): void;
}

export interface EvaluatorDeps {
  readonly gate: StoreGate;
  readonly countedIp: (ip: string) => string;
  readonly events?: Pick<AuthEvents, 'publish'> | undefined;
  readonly warn: (message: string) => void;
}

/**
 * Decides for a caller: which part of each policy applies, who is counted, at what cost; then asks the storage, all
 * policies of one identity in one step. It is synchronous until a function of the application or the storage is not.
 *
 * A function of the application that throws, rejects or answers nonsense never lets a call pass for free: the call is
 * then limited by its address, and one warning says so.
 */
export class Evaluator {
  private readonly warned = new Set<string>();

  constructor(private readonly deps: EvaluatorDeps) {}

  /** Asks these policies and tells the call what was asked; says whether it may pass. Refused, it has been charged for none of them. */
  decide(policies: readonly CompiledPolicy[], caller: Caller, call: AskedFor): boolean | Promise<boolean> {
    // oxlint-disable-next-line unicorn/no-new-array -- of its final length: one that grows takes room for seventeen
    const asked = new Array<Asked>(policies.length);
    let count = 0;
    let pending: Promise<Asked | undefined>[] | undefined;
    for (let index = 0; index < policies.length; index++) {
      const one = this.resolve(policies[index]!, caller, count === 0 ? undefined : asked[count - 1]);
      if (one === undefined) continue;
      if (one instanceof Promise) (pending ??= []).push(one);
      else if (pending === undefined) asked[count++] = one;
      else pending.push(Promise.resolve(one));
    }
    if (count < asked.length) asked.length = count;
    if (pending === undefined) return this.ask(asked, call);
    return Promise.all(pending).then((found) => {
      for (const one of found) if (one !== undefined) asked.push(one);
      return this.ask(asked, call);
    });
  }

  /** Tells once for each policy asked what was decided. */
  publish(asked: readonly Asked[]): void {
    const { events } = this.deps;
    if (events === undefined) return;
    for (let index = 0; index < asked.length; index++) {
      const { policy, identity, answer, source } = asked[index]!;
      const { name, shadow } = policy;
      events.publish({ type: 'rate_limit.decided', policy: name, allowed: answer.allowed, identity, source, shadow });
    }
  }

  /** Whether a call that ended like this counts; where nobody can say, it does. */
  counts({ countWhen, counter, quoted }: CompiledPolicy, outcome: RateLimitOutcome): boolean {
    if (countWhen === undefined) return true;
    try {
      return countWhen(outcome) !== false;
    } catch (error) {
      this.warnOnce(
        `${counter} countWhen`,
        `countWhen of the rate-limit policy ${quoted} failed (${reasonOf(error)}): such calls count.`,
      );
      return true;
    }
  }

  warnOfNothingSettled(name: string): void {
    this.warnOnce(
      `settle ${name}`,
      `@SettleCost(${JSON.stringify(name)}) settles nothing: no policy of this name was asked for the call. Is it one of the route's?`,
    );
  }

  /** One warning for each kind of trouble with each policy, for the life of the process. */
  warnOnce(key: string, message: string): void {
    if (this.warned.has(key)) return;
    this.warned.add(key);
    this.deps.warn(message);
  }

  /** The identity by address, which every other falls back to. */
  ipOf(caller: Caller): string {
    return caller.ip === undefined ? UNKNOWN_IP : identityText('ip', this.deps.countedIp(caller.ip));
  }

  private ask(asked: readonly Asked[], call: AskedFor): boolean | Promise<boolean> {
    if (asked.length === 0) return true;
    if (isOfOne(asked)) return this.settle(asked, this.deps.gate.consume(asked), call);
    return this.askInTurn(groupsOf(asked), 0, call);
  }

  private settle(
    asked: readonly Asked[],
    admitted: boolean | Promise<boolean>,
    call: AskedFor,
  ): boolean | Promise<boolean> {
    if (typeof admitted !== 'boolean') return admitted.then((found) => this.settle(asked, found, call));
    call.add(asked);
    this.publish(asked);
    return admitted;
  }

  /** Policies of different identities are charged in order; one that refuses gives back what those before it were charged. */
  private askInTurn(groups: readonly Asked[][], from: number, call: AskedFor): boolean | Promise<boolean> {
    for (let index = from; index < groups.length; index++) {
      const group = groups[index]!;
      const admitted = this.settle(group, this.deps.gate.consume(group), call);
      if (typeof admitted !== 'boolean') {
        return admitted.then((found) =>
          found ? this.askInTurn(groups, index + 1, call) : this.takeBack(groups, index),
        );
      }
      if (!admitted) return this.takeBack(groups, index);
    }
    return true;
  }

  private takeBack(groups: readonly Asked[][], before: number): false | Promise<false> {
    const done = this.deps.gate.refund(groups.slice(0, before).flat());
    return done === undefined ? false : done.then(() => false as const);
  }

  private resolve(
    policy: CompiledPolicy,
    caller: Caller,
    before: Asked | undefined,
  ): Asked | undefined | Promise<Asked | undefined> {
    const part = caller.kind === 'm2m' && policy.m2m !== undefined ? policy.m2m : policy;
    if (part.isPlain) {
      // The same text again, not one like it: that two are one identity is then seen at a glance.
      const isSame = before !== undefined && before.policy.isPlain && before.policy.identifier === part.identifier;
      return new Asked(part, isSame ? before.identity : this.identityOf(part, caller), part.charge);
    }
    if (part.override === undefined) return this.resolvePart(part, caller);
    let settings: ReturnType<NonNullable<CompiledPolicy['override']>>;
    try {
      settings = part.override(caller);
    } catch (error) {
      return this.byAddress(part, caller, 'override', error);
    }
    if (!isThenable(settings)) return this.resolveOverridden(part, caller, settings);
    return Promise.resolve(settings).then(
      (found) => this.resolveOverridden(part, caller, found),
      (error: unknown) => this.byAddress(part, caller, 'override', error),
    );
  }

  private resolveOverridden(
    policy: CompiledPolicy,
    caller: Caller,
    settings: unknown,
  ): Asked | undefined | Promise<Asked | undefined> {
    if (settings === undefined || settings === null) return this.resolvePart(policy, caller);
    let part: CompiledPolicy;
    try {
      checkOverride(settings, `override of ${policy.name}`);
      part = overridden(policy, settings);
      if (part.isVariant) this.deps.gate.noteVariant(policy.counter, part.counter);
    } catch (error) {
      return this.byAddress(policy, caller, 'override', error);
    }
    return this.resolvePart(part, caller);
  }

  private resolvePart(part: CompiledPolicy, caller: Caller): Asked | undefined | Promise<Asked | undefined> {
    let charge: RateLimitCharge;
    try {
      if (part.skipIf?.(caller) === true) return undefined;
    } catch (error) {
      return this.byAddress(part, caller, 'skipIf', error);
    }
    try {
      charge = typeof part.cost === 'number' ? part.charge : withCost(part.charge, part.cost(caller));
    } catch (error) {
      return this.byAddress(part, caller, 'cost', error);
    }
    const { identifier } = part;
    if (typeof identifier !== 'function') return new Asked(part, this.identityOf(part, caller), charge);
    let found: unknown;
    try {
      found = identifier(caller);
    } catch (error) {
      return this.byAddress(part, caller, 'identifier', error, charge);
    }
    if (!isThenable(found)) return this.named(part, caller, charge, found);
    return Promise.resolve(found).then(
      (value) => this.named(part, caller, charge, value),
      (error: unknown) => this.byAddress(part, caller, 'identifier', error, charge),
    );
  }

  private named(part: CompiledPolicy, caller: Caller, charge: RateLimitCharge, found: unknown): Asked {
    if (found === undefined || found === null || found === '') return new Asked(part, this.ipOf(caller), charge);
    const text = typeof found === 'number' || typeof found === 'bigint' ? String(found) : found;
    if (typeof text === 'string') return new Asked(part, identityText('key', text), charge);
    const error = new TypeError(`it gave a value of type ${typeof found} where a string is needed`);
    return this.byAddress(part, caller, 'identifier', error, charge);
  }

  private byAddress(part: CompiledPolicy, caller: Caller, what: string, error: unknown, charge = part.charge): Asked {
    this.warnOnce(
      `${part.counter} ${what}`,
      `${what} of the rate-limit policy ${part.quoted} failed (${reasonOf(error)}): such calls are limited by address.`,
    );
    return new Asked(part, this.ipOf(caller), charge);
  }

  private identityOf(part: CompiledPolicy, caller: Caller): string {
    const { userId, clientId } = caller;
    switch (part.identifier) {
      case 'ip':
        return this.ipOf(caller);
      case 'user':
        return userId === undefined ? this.withoutOne(part, caller, 'user') : identityText('user', userId);
      case 'client':
        return machineId(caller) === undefined
          ? this.withoutOne(part, caller, 'client')
          : identityText('client', machineId(caller)!);
      default:
        if (userId !== undefined) return identityText('user', userId);
        if (clientId !== undefined) return identityText('client', clientId);
        return caller.kind === 'm2m' && caller.subject !== undefined
          ? identityText('client', caller.subject)
          : this.ipOf(caller);
    }
  }

  private withoutOne(part: CompiledPolicy, caller: Caller, what: string): string {
    this.warnOnce(
      `${part.counter} no ${what}`,
      `The rate-limit policy ${part.quoted} counts by ${what}, and a caller has none: such calls are limited by address. Is the route behind authentication?`,
    );
    return this.ipOf(caller);
  }
}

/** A machine without a client id is known by its subject. */
function machineId(caller: Caller): string | undefined {
  return caller.clientId ?? (caller.kind === 'm2m' ? caller.subject : undefined);
}

function withCost(charge: RateLimitCharge, cost: unknown): RateLimitCharge {
  if (typeof cost !== 'number' || !(cost >= 0) || cost > MAX_LIMIT) {
    throw new TypeError(`it gave ${String(cost)} where a number of at least 0 is needed`);
  }
  return { ...charge, cost: Math.ceil(cost) };
}

function isOfOne(asked: readonly Asked[]): boolean {
  for (let index = 1; index < asked.length; index++) if (asked[index]!.identity !== asked[0]!.identity) return false;
  return true;
}

function groupsOf(asked: readonly Asked[]): Asked[][] {
  const groups = new Map<string, Asked[]>();
  for (const one of asked) {
    const group = groups.get(one.identity);
    if (group === undefined) groups.set(one.identity, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

function isThenable(value: unknown): value is PromiseLike<never> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}
