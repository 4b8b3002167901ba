import assert from 'node:assert/strict';
import type { RateLimitCharge } from '../../rate-limit/storage.js';
import { RATE_LIMIT_ALGORITHMS } from '../../rate-limit/algorithms/index.js';
import { charge, one, type ContractTime, type StorageCase } from './asking.js';
import { RandomSchedule } from './random-schedule.js';
import { Seeded } from './seeded.js';
import { worstWindow, type Admitted } from './worst-window.js';

const SCHEDULES = 60;
const LIMITS = [1, 2, 10, 100, 1024, 1025, 10_000];

/** Bursts where a window that is not exact would let through twice the limit: each a time, in shares of the window. */
const BURSTS: Readonly<Record<string, readonly number[]>> = {
  'at the end of a window and the start of the next': [0.999, 1, 1.999, 2, 2.999, 3],
  'half a window apart': [0, 0.5, 1, 1.5, 2, 2.5],
  'just before the oldest leaves': [0, 0.4, 0.999, 1, 1.399, 1.4, 1.999],
};

/** How much any window may hold, as a multiple of the limit. */
const BOUNDS: Readonly<Record<string, number>> = { 'sliding-window': 1, concurrency: 1, gcra: 2, 'fixed-window': 2 };

async function flood(
  asked: RateLimitCharge,
  bursts: readonly number[],
  time: ContractTime,
  consume: (asked: RateLimitCharge) => Promise<boolean>,
): Promise<Admitted[]> {
  const admitted: Admitted[] = [];
  let at = 0;
  for (const share of bursts) {
    const next = Math.round(share * asked.windowMs);
    await time.advance(next - at);
    at = next;
    // All at the same moment: nothing is to be learned from waiting for each.
    const calls = Array.from({ length: Math.floor(asked.limit / asked.cost) + 1 }, async () => consume(asked));
    for (const allowed of await Promise.all(calls)) if (allowed) admitted.push({ at, cost: asked.cost });
  }
  return admitted;
}

/** On a clock that stands still: every answer, to the millisecond. */
export const ORACLE_CASES: Readonly<Record<string, StorageCase>> = {
  'answers random schedules of every kind of call as the definitions do, to the millisecond': async (storage, time) => {
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      await new RandomSchedule(storage, time, seed, { steps: 80, countsOnly: false }).run();
    }
  },

  ...Object.fromEntries(
    RATE_LIMIT_ALGORITHMS.flatMap((algorithm) =>
      Object.entries(BURSTS).map(([name, bursts]): [string, StorageCase] => [
        `${algorithm} keeps its bound against bursts ${name}`,
        async (storage, time) => {
          for (const limit of LIMITS) {
            const cost = Math.max(1, Math.floor(limit / 100));
            const asked = charge(`of ${limit}`, limit, { algorithm, windowMs: 60_000, cost });
            await time.advance(60_000 - (Math.floor(time.now()) % 60_000));
            const admitted = await flood(asked, bursts, time, async (it) => (await one(storage, 'key:x', it)).allowed);
            const worst = worstWindow(admitted, 60_000) / limit;
            assert.ok(worst <= BOUNDS[algorithm]!, `${limit}: a window holds ${worst} times the limit`);
            assert.ok(worst > 0.98, `${limit}: no window holds more than ${worst} times the limit`);
          }
        },
      ]),
    ),
  ),

  ...Object.fromEntries(
    RATE_LIMIT_ALGORITHMS.map((algorithm): [string, StorageCase] => [
      `${algorithm}: waiting as long as told is enough, and one millisecond less is not, above 1,024 too`,
      async (storage, time) => {
        const random = new Seeded(7);
        for (const limit of [1, 3, 1024, 1025, 10_000]) {
          const cost = Math.max(1, Math.floor(limit / 7));
          const it = charge(`of ${limit}`, limit, { algorithm, windowMs: 1000, cost });
          for (let round = 0; round < 12; round++) {
            await time.advance(random.whole(0, 300));
            const { allowed, retryAfterMs } = await one(storage, 'key:x', it);
            if (allowed) continue;
            await time.advance(retryAfterMs - 1);
            assert.equal((await one(storage, 'key:x', it)).allowed, false, `${limit}: one less than ${retryAfterMs}`);
            await time.advance(1);
            assert.equal((await one(storage, 'key:x', it)).allowed, true, `${limit}: ${retryAfterMs}`);
          }
        }
      },
    ]),
  ),

  'gives quota back at most 1/64 of the window late where stamps are rounded up, and never early': async (
    storage,
    time,
  ) => {
    for (const windowMs of [1000, 60_000, 86_400_000]) {
      const it = charge(`in ${windowMs}`, 5000, { windowMs, cost: 100 });
      for (let spent = 0; spent < 5000; spent += 100) {
        await one(storage, 'key:x', it);
        await time.advance(Math.floor(windowMs / 137));
      }
      const { resetMs } = await one(storage, 'key:x', it);
      const exact = windowMs - 50 * Math.floor(windowMs / 137);
      assert.ok(resetMs >= exact && resetMs <= exact + windowMs / 64, `${windowMs}: ${resetMs}, exactly ${exact}`);
    }
  },

  'lets 99 % of the limit through to a client that asks for 110 % of it': async (storage, time) => {
    const windowMs = 60_000;
    const algorithms = RATE_LIMIT_ALGORITHMS.filter((name) => name !== 'concurrency');
    for (const limit of [10, 100, 5000]) {
      // Above 1,024 what is lost is lost by rounding times, whatever a call costs.
      const cost = limit > 1024 ? 10 : 1;
      const windows = limit > 1024 ? 4 : 20;
      const counters = algorithms.map((algorithm) =>
        charge(`goodput of ${limit} by ${algorithm}`, limit, { algorithm, windowMs, cost }),
      );
      const allowed = counters.map(() => 0);
      const calls = Math.floor((limit * 1.1 * windows) / cost);
      for (let call = 0, at = 0; call < calls; call++) {
        const next = Math.floor((call * windowMs * windows) / calls);
        await time.advance(next - at);
        at = next;
        const answers = await Promise.all(counters.map(async (it) => one(storage, 'key:x', it)));
        answers.forEach((answer, index) => (allowed[index]! += answer.allowed ? cost : 0));
      }
      algorithms.forEach((algorithm, index) => {
        const share = allowed[index]! / (limit * windows);
        assert.ok(share >= 0.99, `${algorithm}, ${limit}: ${share} of the limit`);
      });
    }
  },
};
