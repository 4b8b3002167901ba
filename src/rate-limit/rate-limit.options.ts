import {
  boolean,
  callable,
  either,
  having,
  nearest,
  number,
  oneOf,
  rangeError,
  shape,
  typeError,
  type Check,
} from '../options/check.js';
import { OptionsError } from '../options/options-error.js';
import { given } from './given.js';
import { RATE_LIMIT_ALGORITHMS } from './algorithms/index.js';
import type { RateLimitPolicy } from './rate-limit.policy.js';
import type { RateLimitStorage } from './storage.js';

export const DEFAULT_MAX_REQUESTS = 100;
export const DEFAULT_WINDOW_SECONDS = 60;
export const DEFAULT_MAX_KEYS = 1_000_000;
/** 366 days: the longest window and the longest block. */
const MAX_WINDOW_SECONDS = 31_622_400;
export const MAX_LIMIT = 1_000_000_000;
const MAX_KEYS_BOUND = 50_000_000;

export const checkMaxKeys: Check = number({ integer: true, min: 1, max: MAX_KEYS_BOUND });

/** Which headers tell a client where it stands. */
export type RateLimitHeadersOption = 'legacy' | 'draft' | 'both' | false;

/** A floor under every route, by address alone, counted before any guard runs. */
export interface PerIpOptions {
  /** Whole, 0 (refuses everybody) to 1,000,000,000. */
  maxRequests: number;
  /** Seconds, above 0, at most 31,622,400. */
  windowSeconds: number;
  /** True: this request is neither counted nor refused. `path` is without the query string. */
  skipIf?: ((ip: string, path: string) => boolean) | undefined;
}

/** Limits, where they are counted, and what callers are told of them. */
export interface RateLimitOptions {
  /**
   * Fills what a policy leaves out, its `name` aside; what `@RateLimit()` and `globalRateLimit` use. With a `name`,
   * the routes that use it directly share one counter; without one they count per class and handler.
   */
  default?: RateLimitPolicy | undefined;
  /** Policies by name, for `@RateLimit('login')`; inert until used. */
  policies?: Readonly<Record<string, RateLimitPolicy>> | undefined;
  /** A floor by address, counted before every guard; refused logins and unknown paths count too. Default: none. */
  perIp?: PerIpOptions | undefined;
  /** Where the counts live. Default: a {@link MemoryRateLimitStorage}, in this process. */
  storage?: RateLimitStorage | undefined;
  /** `legacy`: X-RateLimit-*; `draft`: RateLimit and RateLimit-Policy; false: neither (a 429 still has Retry-After). @default 'both' */
  headers?: RateLimitHeadersOption | undefined;
  /** How many counters the memory storage holds at most, 1 to 50,000,000; about 50 bytes each. @default 1_000_000 */
  maxKeys?: number | undefined;
  /** True: counts in the memory of this process are meant, in production too. @default false */
  singleProcess?: boolean | undefined;
  /** While the storage is away each process limits by its share: limit / this, rounded down, at least 1. @default 1 */
  expectedProcesses?: number | undefined;
}

const fraction = number({ above: 0, max: MAX_WINDOW_SECONDS });
const limit = number({ integer: true, min: 0, max: MAX_LIMIT });

/** A name is sent to clients inside a quoted string of RFC 9651, which holds printable ASCII only. */
export const checkPolicyName: Check = (value, path) => {
  if (typeof value === 'string' && /^[\x20-\x7e]{1,64}$/.test(value) && value.trim() !== '') return;
  throw typeError(
    path,
    'a name of 1 to 64 printable ASCII characters',
    value,
    'Clients see it in the RateLimit headers.',
  );
};

const checks = {
  name: checkPolicyName,
  maxRequests: limit,
  windowSeconds: fraction,
  algorithm: oneOf(...RATE_LIMIT_ALGORITHMS),
  burst: number({ integer: true, min: 1, max: MAX_LIMIT }),
  identifier: either(
    "'caller', 'user', 'client', 'ip' or a function",
    oneOf('caller', 'user', 'client', 'ip'),
    callable,
  ),
  cost: either(
    'a whole number of at least 0, or a function',
    number({ integer: true, min: 0, max: MAX_LIMIT }),
    callable,
  ),
  countWhen: callable,
  blockSeconds: number({ min: 0, max: MAX_WINDOW_SECONDS }),
  override: callable,
  skipIf: callable,
  shadow: boolean,
  onStoreFailure: oneOf('local', 'open', 'closed'),
};

/** The same for a policy and for what machines get instead of it. */
export function checkWithM2M(own: RateLimitPolicy, filled: RateLimitPolicy, path: string): void {
  checkTogether(own, filled, path);
  if (own.m2m !== undefined) checkTogether(own.m2m, { ...filled, ...given(own.m2m) }, `${path}.m2m`);
}

/**
 * What no single option shows: settings that mean nothing together. `own` is what was written in one place, `filled` the
 * same with the defaults beneath it, which may hold what this algorithm does not need.
 */
export function checkTogether(own: RateLimitPolicy, filled: RateLimitPolicy, path: string): void {
  const { algorithm = 'sliding-window', maxRequests = DEFAULT_MAX_REQUESTS } = filled;
  const { windowSeconds = DEFAULT_WINDOW_SECONDS, burst = maxRequests } = filled;
  const refused = (option: keyof RateLimitPolicy, why: string): OptionsError =>
    new OptionsError('ERR_AUTH_SERVICES_OPTION_UNSUPPORTED', `${path}.${option} ${why} Leave it out.`);
  if (algorithm === 'gcra') {
    if (maxRequests === 0 || (burst / maxRequests) * windowSeconds <= MAX_WINDOW_SECONDS) return;
    throw rangeError(
      `${path}.burst`,
      `earned back (burst / maxRequests windows) within ${MAX_WINDOW_SECONDS} s`,
      burst,
    );
  }
  if (own.burst !== undefined) throw refused('burst', `is for algorithm 'gcra', and this one is '${algorithm}'.`);
  if (algorithm === 'concurrency' && own.countWhen !== undefined) {
    throw refused('countWhen', 'asks what counts afterwards, and a call that has ended holds no place any more.');
  }
}

const nested =
  (what: string): Check =>
  (_value, path) => {
    throw new OptionsError('ERR_AUTH_SERVICES_OPTION_UNKNOWN', `${path} is not an option: ${what}. Leave it out.`);
  };

const checkM2M = shape<RateLimitPolicy>({ ...checks, m2m: nested('an m2m part holds no other') });

/** Checks a policy wherever it is written: in the options, in a decorator, in a call of the service. */
export const checkPolicy: Check = shape<RateLimitPolicy>({ ...checks, m2m: checkM2M });

/** What an override may return. */
export const checkOverride: Check = shape<RateLimitPolicy>({
  ...checks,
  m2m: nested('an override is asked for one caller, whose kind it sees'),
  override: nested('an override is asked once'),
});

/** A cost given by hand: a mistake in it is the program's, and is thrown. */
export function checkCost(cost: unknown): void {
  if (cost === undefined) return;
  if (typeof cost !== 'number' || !Number.isSafeInteger(cost) || cost < 0 || cost > MAX_LIMIT) {
    throw typeError('cost', `a whole number from 0 to ${MAX_LIMIT}`, cost);
  }
}

/** A policy by name or written out, or several. */
export function checkPolicyRefs(value: unknown, path: string): void {
  const refs = Array.isArray(value) ? (value as unknown[]) : [value];
  if (refs.length === 0) throw typeError(path, 'at least one policy', value);
  refs.forEach((ref, index) => {
    const at = Array.isArray(value) ? `${path}[${index}]` : path;
    if (typeof ref === 'string') checkPolicyName(ref, at);
    else checkPolicy(ref, at);
  });
}

const checkPolicies: Check = (value, path) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw typeError(path, 'an object', value);
  for (const [name, policy] of Object.entries(value) as [string, unknown][]) {
    checkPolicyName(name, `${path} key`);
    const at = `${path}.${name}`;
    checkPolicy(policy, at);
    const own = (policy as RateLimitPolicy).name;
    if (own !== undefined && own !== name) {
      throw typeError(`${at}.name`, `${JSON.stringify(name)}, its key, or left out`, own);
    }
  }
};

const checkPerIpShape = shape<PerIpOptions>({ maxRequests: limit, windowSeconds: fraction, skipIf: callable });

const checkPerIp: Check = (value, path) => {
  checkPerIpShape(value, path);
  const { maxRequests, windowSeconds } = value as Partial<PerIpOptions>;
  limit(maxRequests, `${path}.maxRequests`);
  fraction(windowSeconds, `${path}.windowSeconds`);
};

export const checkRateLimitOptions: Check = shape<RateLimitOptions>({
  default: checkPolicy,
  policies: checkPolicies,
  perIp: checkPerIp,
  storage: having('a RateLimitStorage', 'consume', 'peek', 'refund', 'debit', 'reset', 'clear'),
  headers: oneOf('legacy', 'draft', 'both', false),
  maxKeys: checkMaxKeys,
  singleProcess: boolean,
  expectedProcesses: number({ integer: true, min: 1 }),
});

export function unknownPolicy(name: string, known: Iterable<string>, path: string): OptionsError {
  const names = [...known];
  const near = nearest(name, names);
  const fix =
    near !== undefined
      ? `Did you mean ${JSON.stringify(near)}?`
      : names.length > 0
        ? `Known: ${names.map((one) => JSON.stringify(one)).join(', ')}.`
        : 'Define it under rateLimit.policies.';
  return new OptionsError(
    'ERR_AUTH_SERVICES_UNKNOWN_POLICY',
    `${path}: there is no policy ${JSON.stringify(name.slice(0, 80))}. ${fix}`,
  );
}
