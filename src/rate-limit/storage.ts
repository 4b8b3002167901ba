import type { RateLimitAlgorithm } from './algorithms/index.js';
import type { RateLimitSource } from './rate-limit.policy.js';

/** What one policy asks of a storage for one identity. Frozen and used again: a storage may remember it. */
export interface RateLimitCharge {
  /** Which counter of the identity; two policies that must not share have two. Printable, at most 512 characters. */
  readonly counter: string;
  readonly algorithm: RateLimitAlgorithm;
  readonly limit: number;
  /** `gcra`: how much may be spent at once, whole, at least 1 where `limit` is. Equal to `limit` with every other algorithm. */
  readonly burst: number;
  /** Whole, at least 1. */
  readonly windowMs: number;
  /** Whole, at least 0. */
  readonly cost: number;
  /** Refuse this long after a refusal; 0 for not at all. */
  readonly blockMs: number;
  /** A charge in shadow is answered like any other and charged only if it fits, but keeps no other from being charged. */
  readonly shadow: boolean;
}

/** The answer to one {@link RateLimitCharge}. */
export interface RateLimitAnswer {
  /** What this policy by itself says. */
  readonly allowed: boolean;
  /** Whole; after the charge if it was made. */
  readonly remaining: number;
  /** Whole milliseconds until more quota frees up; 0 when none is used, `Infinity` when none ever will. */
  readonly resetMs: number;
  /** Whole milliseconds after which the same charge fits; 0 when allowed, `Infinity` when waiting cannot help. */
  readonly retryAfterMs: number;
  /** Names the charge that was made, for `refund`. Absent when nothing was charged. */
  readonly receipt?: number | string | undefined;
  /** Absent: the storage's own {@link RateLimitStorage.source}. */
  readonly source?: RateLimitSource | undefined;
}

/** What a storage gives back: at once, or a promise of it. A storage answers either always at once or always later. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Where the counts live. Each call is one atomic step over all policies of one identity, so that a thousand calls at
 * once let through exactly what the limit says.
 *
 * - `consume`: if every charge fits that is not in shadow, all that fit are charged; otherwise none is. A refused
 *   call consumes nothing. One answer for each charge, in order.
 * - A failure is a rejection (or an exception) and never looks like a refusal; what then happens is
 *   `onStoreFailure`'s business. A storage that may be away has to fail within a deadline of its own.
 *
 * What each algorithm keeps, in whole milliseconds; one counter asked with two algorithms is two:
 *
 * - `sliding-window`: a stamp for each unit charged, live for `windowMs`; a charge fits while live and `cost` are at
 *   most `limit`. Above 1,024 stamps may be rounded up by at most 1/64 of the window, never down.
 * - `concurrency`: the same, where a unit is a lease: `refund` with its receipt ends it, else `windowMs` does.
 * - `gcra`: a level, which falls by `limit` each `windowMs`; a charge fits while level and `cost` are at most `burst`.
 * - `fixed-window`: a count for each window; windows begin at the multiples of `windowMs` since 1970-01-01 UTC.
 *
 * Try yours with `rateLimitStorageContract` of `nestjs-auth-services/testing`.
 */
export interface RateLimitStorage {
  /** What its answers are marked with. @default 'store' */
  readonly source?: RateLimitSource | undefined;
  /** Several processes count in it: policies used outside decorators then need a name. @default false */
  readonly shared?: boolean | undefined;
  /** It knows that it fails, or that a part of it does: only when this is over does the store count as back. @default false */
  readonly isDown?: boolean | undefined;
  /** Charges all that fit, or none: see above. */
  consume(identity: string, charges: readonly RateLimitCharge[]): Awaitable<readonly RateLimitAnswer[]>;
  /** What `consume` would answer, without charging or blocking; `remaining` is what is left now. */
  peek(identity: string, charges: readonly RateLimitCharge[]): Awaitable<readonly RateLimitAnswer[]>;
  /**
   * Gives each charge's cost back: the very charge that `receipts` names at the same place, and nothing if that has
   * left the window; without a receipt the most recent ones. Never more than was charged. With `gcra`, what has
   * flowed off between the charge and the last one is not given back a second time.
   */
  refund(
    identity: string,
    charges: readonly RateLimitCharge[],
    receipts?: readonly (number | string | undefined)[],
  ): Awaitable<void>;
  /**
   * Spends what has been spent already, whether it fits or not: late cost. What is over the limit is waited for, but
   * never longer than a window: a log keeps its newest `limit` units, a level stays at most at `burst` + `limit`.
   */
  debit(identity: string, charges: readonly RateLimitCharge[]): Awaitable<void>;
  /** Forgets these counters of the identity, their blocks too; without a list, all of them, which may be slow and must be complete. */
  reset(identity: string, counters?: readonly string[]): Awaitable<void>;
  /** Forgets these counters of everybody; without a list, everything. */
  clear(counters?: readonly string[]): Awaitable<void>;
  /** Called once, at shutdown. */
  close?(): Awaitable<void>;
}
