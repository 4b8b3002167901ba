import type { RateLimitStorage } from '../rate-limit/storage.js';
import type { ContractCase } from './contract-case.js';
import { ALGORITHM_CASES } from './storage-contract/algorithm-cases.js';
import { realTime, type ContractTime } from './storage-contract/asking.js';
import { COMMON_CASES } from './storage-contract/common-cases.js';
import { ORACLE_CASES } from './storage-contract/oracle-cases.js';
import { REAL_TIME_CASES } from './storage-contract/real-time-cases.js';

/** A clock that a test moves: a `ManualClock`, or one of your own. */
export interface MovableClock {
  /** Epoch milliseconds now. */
  readonly now: () => number;
  /** Lets so many milliseconds pass. */
  advance(ms: number): void | Promise<void>;
}

/** How time passes for the storage under test. */
export interface RateLimitStorageContractOptions {
  /**
   * The clock that the storage reads, if it can be given one that stands still until it is told to move: answers are
   * then compared with the definitions to the millisecond. Default: real time, in windows of a few hundred
   * milliseconds, with what cannot be known about it left open.
   */
  readonly clock?: MovableClock | undefined;
}

/**
 * What a {@link RateLimitStorage} promises, as cases for any test runner: each algorithm by itself, and against a
 * brute-force oracle on random schedules of calls. Each case takes a storage of its own from `create` and closes it;
 * storages made for the same case share nothing with those of another. In real time they take about ten seconds.
 *
 * @example
 * ```ts
 * const clock = new ManualClock();
 * const create = () => new MemoryRateLimitStorage({ now: clock.now });
 * for (const { name, run } of rateLimitStorageContract(create, { clock })) it(name, run);
 * ```
 */
export function rateLimitStorageContract(
  create: () => RateLimitStorage | Promise<RateLimitStorage>,
  options: RateLimitStorageContractOptions = {},
): readonly ContractCase[] {
  const { clock } = options;
  const time: ContractTime =
    clock === undefined
      ? realTime
      : {
          isManual: true,
          now: clock.now,
          advance: async (ms) => {
            await clock.advance(ms);
          },
        };
  const cases = { ...COMMON_CASES, ...ALGORITHM_CASES, ...(time.isManual ? ORACLE_CASES : REAL_TIME_CASES) };
  return Object.entries(cases).map(([name, runCase]) => ({
    name,
    run: async () => {
      const storage = await create();
      try {
        await runCase(storage, time);
      } finally {
        await storage.close?.();
      }
    },
  }));
}
