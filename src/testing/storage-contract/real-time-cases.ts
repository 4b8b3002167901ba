import assert from 'node:assert/strict';
import type { RateLimitCharge } from '../../rate-limit/storage.js';
import { charge, one, SHORT_MS, type StorageCase } from './asking.js';
import { RandomSchedule } from './random-schedule.js';
import { Seeded } from './seeded.js';
import { Uncertain } from './uncertain.js';

/** Each call of a flood for so long, with what is known about when it happened. */
async function flood(
  asked: RateLimitCharge,
  forMs: number,
  consume: (asked: RateLimitCharge) => Promise<{ allowed: boolean; resetMs: number }>,
  told: (from: number, to: number, allowed: boolean, resetMs: number) => void,
): Promise<void> {
  const random = new Seeded(11);
  const end = performance.now() + forMs;
  for (let from = performance.now(); from < end; from = performance.now()) {
    const { allowed, resetMs } = await consume(asked);
    told(from, performance.now(), allowed, resetMs);
    if (random.chance(0.3)) await new Promise((resolve) => setTimeout(resolve, random.whole(1, 25)));
  }
}

/** In real time a call happened somewhere between its question and its answer: only what no such moment explains is a mistake. */
export const REAL_TIME_CASES: Readonly<Record<string, StorageCase>> = {
  'counts random schedules of every kind of call as the definitions do': async (storage, time) => {
    const run = async (seed: number): Promise<void> =>
      new RandomSchedule(storage, time, seed, { steps: 60, countsOnly: true }).run();
    await Promise.all(Array.from({ length: 40 }, async (_, index) => run(index + 1)));
  },

  ...Object.fromEntries(
    (['sliding-window', 'gcra', 'concurrency'] as const).map((algorithm): [string, StorageCase] => [
      `${algorithm} never lets more through than it may, and never less than it must`,
      async (storage) => {
        const floods = [1, 10, 2000].map(async (limit) => {
          const it = charge(`of ${limit}`, limit, { algorithm, windowMs: SHORT_MS, cost: Math.max(1, limit / 20) });
          await flood(it, 4 * SHORT_MS, async (asked) => one(storage, 'key:x', asked), new Uncertain(it).check);
        });
        await Promise.all(floods);
      },
    ]),
  ),

  'fixed-window lets exactly the limit through in each window': async (storage) => {
    const it = charge('a', 5, { algorithm: 'fixed-window', windowMs: SHORT_MS });
    const windows = new Map<number, { asked: number; allowed: number }>();
    let firstEnd: number | undefined;
    await flood(
      it,
      4 * SHORT_MS,
      async (asked) => one(storage, 'key:x', asked),
      (_from, to, allowed, resetMs) => {
        // Which window it was is told by when it ends, which is known to within how long the answer took.
        const end = to + resetMs;
        const number = Math.round((end - (firstEnd ??= end)) / SHORT_MS);
        const { asked, allowed: before } = windows.get(number) ?? { asked: 0, allowed: 0 };
        windows.set(number, { asked: asked + 1, allowed: before + (allowed ? 1 : 0) });
      },
    );
    // On a busy machine a window may pass with fewer calls than would fill it.
    const counts = [...windows.values()];
    assert.ok(
      counts.every(({ asked, allowed }) => allowed === Math.min(5, asked)),
      JSON.stringify(counts),
    );
  },
};
