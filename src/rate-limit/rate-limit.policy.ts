import type { Caller } from '../request/caller.js';
import type { RateLimitAlgorithm } from './algorithms/index.js';
import type { Awaitable } from './storage.js';

/**
 * Who or what is counted. A plain string is one kind of its own; the kinds never share a counter, so the user
 * `42` and the client `42` are two. An `ip` is normalised and, if it is IPv6, counted by its network.
 */
export type RateLimitIdentity =
  string | { readonly user: string } | { readonly client: string } | { readonly ip: string };

/** How the call ended, as `countWhen` is told. */
export interface RateLimitOutcome {
  /** The status that was sent; absent on transports that have none. */
  readonly statusCode?: number | undefined;
  /** What the handler, a pipe or a guard threw, if anything. */
  readonly error?: unknown;
}

/** What one call counts by: see {@link RateLimitPolicy.identifier}. */
export type RateLimitIdentifier =
  | 'caller'
  | 'user'
  | 'client'
  | 'ip'
  | ((caller: Caller) => string | null | undefined | Promise<string | null | undefined>);

/**
 * One limit. Whatever is left out is taken from `rateLimit.default`, and what that leaves out from the defaults
 * stated here.
 *
 * @example
 * ```ts
 * const login: RateLimitPolicy = { maxRequests: 5, windowSeconds: 300, identifier: 'ip', onStoreFailure: 'closed' };
 * ```
 */
export interface RateLimitPolicy {
  /**
   * A shared counter: every policy of this name counts together, and therefore has the same `algorithm` and
   * `windowSeconds`; limits may differ. 1 to 64 printable ASCII characters; it is shown to clients in the `RateLimit`
   * headers. Without a name an inline policy counts per class and handler.
   */
  name?: string | undefined;
  /** How much one identity may spend in any window; whole, 0 (refuses every call) to 1,000,000,000. @default 100 */
  maxRequests?: number | undefined;
  /** Length of the window in seconds, above 0, fractions allowed, at most 31,622,400 (366 days). @default 60 */
  windowSeconds?: number | undefined;
  /**
   * What the limit means; docs/10-rate-limiting.md has a picture of each. `sliding-window`: no window of the length,
   * wherever it begins, holds more than `maxRequests`. `gcra`: an even pace, with `burst` at once; no window holds more
   * than `maxRequests` + `burst`. `fixed-window`: `maxRequests` in each window of the clock (a minute begins with the
   * minute, UTC), so that up to twice as much may come around its end. `concurrency`: `maxRequests` at the same time,
   * each until it has ended, at the latest after `windowSeconds`. @default 'sliding-window'
   */
  algorithm?: RateLimitAlgorithm | undefined;
  /**
   * `gcra` alone: how much may be spent at once after a rest; whole, at least 1. With 1 calls are spaced evenly. To earn
   * all of it back (`burst` / `maxRequests` windows) must not take longer than 366 days. @default maxRequests
   */
  burst?: number | undefined;
  /**
   * What is counted. `caller`: the user, else the client (for machines; one without a client id by its subject), else
   * the address. `user` and `client` fall back to the address, with one warning. A function names anything else;
   * when it finds nothing, the address is counted. @default 'caller'
   */
  identifier?: RateLimitIdentifier | undefined;
  /** What one call spends: a whole number of at least 0, or a function that says it (fractions are rounded up). @default 1 */
  cost?: number | ((caller: Caller) => number) | undefined;
  /** Whether the call counts, asked when it has ended: it is charged at admission and given back if this says false. */
  countWhen?: ((outcome: RateLimitOutcome) => boolean) | undefined;
  /** After a refusal, refuse for this many seconds; the window goes on counting beneath. 0 to 31,622,400. @default 0 */
  blockSeconds?: number | undefined;
  /**
   * Other figures for this caller, laid over the policy (and over `m2m`). With other `windowSeconds` they are counted
   * apart. They cannot turn `concurrency` into another algorithm, or back. @see RateLimitPolicy.m2m
   */
  override?:
    | ((caller: Caller) => Partial<RateLimitPolicy> | undefined | Promise<Partial<RateLimitPolicy> | undefined>)
    | undefined;
  /** What machines get instead, laid over the policy; they count apart from people. It cannot hold another `m2m`. */
  m2m?: Partial<RateLimitPolicy> | undefined;
  /** True: this caller is neither counted nor refused. */
  skipIf?: ((caller: Caller) => boolean) | undefined;
  /** Decide and report, refuse nothing, and say nothing to the client. @default false */
  shadow?: boolean | undefined;
  /**
   * What to do while the storage fails. `local`: an exact limiter in this process, with this process's share of the
   * limit (`rateLimit.expectedProcesses`); `open`: let everything pass; `closed`: refuse with 503. @default 'local'
   */
  onStoreFailure?: 'local' | 'open' | 'closed' | undefined;
}

/** A policy by the name it has in `rateLimit.policies`, or written out. */
export type PolicyRef = string | RateLimitPolicy;

/** Where a decision was made. */
export type RateLimitSource = 'memory' | 'store' | 'deny-cache' | 'local-fallback' | 'open' | 'closed';

/** What a limiter answers: a value, never an exception. */
export interface RateLimitDecision {
  readonly allowed: boolean;
  /** The refusing policy (of several, the one that refuses longest), else the one with the least remaining/limit. */
  readonly policy: string;
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until more quota frees up; 0 when none is used, `Infinity` for a limit of 0; with `concurrency` the latest. */
  readonly resetMs: number;
  /**
   * Milliseconds after which the same call is allowed, if nobody spends quota meanwhile; one millisecond less is too
   * soon. 0 when allowed, `Infinity` when waiting cannot help (a limit of 0, a cost above the limit). With
   * `concurrency` nobody knows when a place is free: at most a second, or what is left of a block.
   */
  readonly retryAfterMs: number;
  readonly source: RateLimitSource;
  /** Each one's own decision when several policies were asked; empty when it was one, whose decision this is. */
  readonly policies: readonly RateLimitDecision[];
  readonly algorithm: RateLimitAlgorithm;
  /** The length of the window. */
  readonly windowMs: number;
  /** The policy is in shadow: what is said here was reported and is not enforced. */
  readonly shadow?: boolean | undefined;
  /** Concurrency: gives the lease back. There when one was given. */
  readonly release?: (() => void) | undefined;
  /**
   * Late cost: tells what the call has cost in the end, once that is known. What was charged too much is given back;
   * what was too little is spent, whether it fits or not. It may be told again: more is spent each time, and less is given
   * back only of what admission charged. Not for `concurrency`, and nothing if the call was refused.
   */
  readonly settle?: ((cost: number) => Awaitable<void>) | undefined;
}
