import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { RateLimitAnswer, RateLimitCharge, RateLimitStorage } from '../../rate-limit/storage.js';

/** Long enough that nothing leaves it while a case runs. */
export const LONG_MS = 600_000;
/** Short enough to be waited for. */
export const SHORT_MS = 300;

/** How time passes for a storage under test. */
export interface ContractTime {
  /** It stands still between calls, and the storage reads it: answers are compared to the millisecond. */
  readonly isManual: boolean;
  readonly now: () => number;
  readonly advance: (ms: number) => Promise<void>;
}

export type StorageCase = (storage: RateLimitStorage, time: ContractTime) => Promise<void>;

export const realTime: ContractTime = {
  isManual: false,
  now: () => performance.now(),
  // A timer may fire a little early.
  advance: async (ms) => {
    await wait(Math.ceil(ms) + 1);
  },
};

/** How often a machine that was too busy may try again. */
const MAX_TRIES = 20;

/**
 * Does what has to happen within so many milliseconds. What goes wrong counts if it did; if the machine took longer, it is
 * done again, with another identity.
 */
export async function within<T>(ms: number, time: ContractTime, run: (identity: string) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const began = time.now();
    try {
      return await run(`key:${tries}`);
    } catch (error) {
      if (time.isManual || tries === MAX_TRIES || time.now() - began < ms) throw error;
    }
  }
}

export function charge(counter: string, limit: number, more: Partial<RateLimitCharge> = {}): RateLimitCharge {
  return {
    counter,
    algorithm: 'sliding-window',
    limit,
    burst: limit,
    windowMs: LONG_MS,
    cost: 1,
    blockMs: 0,
    shadow: false,
    ...more,
  };
}

export async function one(
  storage: RateLimitStorage,
  identity: string,
  asked: RateLimitCharge,
): Promise<RateLimitAnswer> {
  const answers = await storage.consume(identity, [asked]);
  assert.equal(answers.length, 1);
  return answers[0]!;
}

export async function peekOne(
  storage: RateLimitStorage,
  identity: string,
  asked: RateLimitCharge,
): Promise<RateLimitAnswer> {
  return (await storage.peek(identity, [asked]))[0]!;
}
