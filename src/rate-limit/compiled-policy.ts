import { OptionsError } from '../options/options-error.js';
import type { Caller } from '../request/caller.js';
import { wholeMs } from './algorithms/sliding-window.js';
import { given } from './given.js';
import { checkTogether, DEFAULT_MAX_REQUESTS, DEFAULT_WINDOW_SECONDS } from './rate-limit.options.js';
import type { RateLimitIdentifier, RateLimitOutcome, RateLimitPolicy } from './rate-limit.policy.js';
import type { RateLimitCharge } from './storage.js';
import { policyItem, quotedName } from './wire.js';

/** A policy with its names resolved, its defaults filled in and its texts prepared: nothing is left to do for a call but to decide. */
export interface CompiledPolicy {
  /** What clients, decisions and events call it. */
  readonly name: string;
  /** What it was compiled from, with its defaults: an override is laid over this. */
  readonly settings: RateLimitPolicy;
  readonly counter: string;
  /** An override changed the window, and with it the counter, not the name. */
  readonly isVariant: boolean;
  readonly identifier: RateLimitIdentifier;
  readonly cost: number | ((caller: Caller) => number);
  /** For a cost of `cost`, or of 1 where only the caller tells. */
  readonly charge: RateLimitCharge;
  /** `[charge]`. */
  readonly charges: readonly [RateLimitCharge];
  readonly countWhen: ((outcome: RateLimitOutcome) => boolean) | undefined;
  readonly override: RateLimitPolicy['override'];
  readonly skipIf: ((caller: Caller) => boolean) | undefined;
  readonly shadow: boolean;
  /** What it charges is a lease, which ends with the call. */
  readonly isLease: boolean;
  readonly onStoreFailure: 'local' | 'open' | 'closed';
  /** What machines get instead. */
  readonly m2m: CompiledPolicy | undefined;
  /** It can be decided before anybody knows who is calling, and before anybody knows whether the handler will run. */
  readonly needsNoCaller: boolean;
  /** Nothing of it depends on the caller but the identity: its one charge does for everybody. */
  readonly isPlain: boolean;
  /** `"name"`, for the RateLimit header. */
  readonly quoted: string;
  /** `"name";q=100;w=60`, for the RateLimit-Policy header. */
  readonly item: string;
}

/** Machines count apart from people, also where both are counted by address. */
export const machinesOf = (counter: string): string => `${counter}#m2m`;

/** The counter of a name, which every policy of that name shares. */
export const namedCounter = (name: string): string => `name:${name}`;

export function compilePolicy(settings: RateLimitPolicy, name: string, counter: string): CompiledPolicy {
  const { identifier = 'caller', cost = 1, m2m, override, skipIf, shadow = false } = settings;
  const { algorithm = 'sliding-window', maxRequests: limit = DEFAULT_MAX_REQUESTS } = settings;
  const charge: RateLimitCharge = Object.freeze({
    counter,
    algorithm,
    limit,
    burst: algorithm === 'gcra' ? (settings.burst ?? limit) : limit,
    windowMs: wholeMs(settings.windowSeconds ?? DEFAULT_WINDOW_SECONDS),
    cost: typeof cost === 'number' ? cost : 1,
    blockMs: wholeMs(settings.blockSeconds ?? 0),
    shadow,
  });
  const dependsOnCaller =
    override !== undefined || skipIf !== undefined || typeof cost === 'function' || m2m !== undefined;
  const quoted = quotedName(name);
  return {
    name,
    settings,
    counter,
    isVariant: false,
    identifier,
    cost,
    charge,
    charges: [charge],
    countWhen: settings.countWhen,
    override,
    skipIf,
    shadow,
    isLease: algorithm === 'concurrency',
    onStoreFailure: settings.onStoreFailure ?? 'local',
    m2m: m2m && compilePolicy({ ...settings, ...given(m2m), m2m: undefined }, name, m2mCounter(m2m, counter)),
    needsNoCaller: identifier === 'ip' && !dependsOnCaller && algorithm !== 'concurrency',
    isPlain: typeof identifier !== 'function' && !dependsOnCaller,
    quoted,
    item: policyItem(quoted, algorithm, limit, charge.windowMs),
  };
}

/** The policy with other settings laid over it: for one caller, once. */
export function overridden(policy: CompiledPolicy, settings: Partial<RateLimitPolicy>): CompiledPolicy {
  const merged = { ...policy.settings, ...given(settings), override: undefined, m2m: undefined };
  const path = `override of ${policy.name}`;
  checkTogether(settings, merged, path);
  if (policy.isLease !== (merged.algorithm === 'concurrency')) {
    // Whether a call's end has to be seen is decided for its route, before anybody calls.
    throw new OptionsError(
      'ERR_AUTH_SERVICES_OPTION_UNSUPPORTED',
      `${path}.algorithm cannot turn requests in a window into requests at the same time, or back.`,
    );
  }
  if (settings.name !== undefined) return compilePolicy(merged, settings.name, namedCounter(settings.name));
  const { counter, charge } = policy;
  const windowMs = wholeMs(merged.windowSeconds ?? DEFAULT_WINDOW_SECONDS);
  // What has left the shorter window is forgotten: a counter that has two of them would let too much through the longer.
  if (windowMs === charge.windowMs) return compilePolicy(merged, policy.name, counter);
  return { ...compilePolicy(merged, policy.name, `${counter}@${windowMs}`), isVariant: true };
}

function m2mCounter(m2m: Partial<RateLimitPolicy>, counter: string): string {
  return m2m.name === undefined ? machinesOf(counter) : namedCounter(m2m.name);
}
