import assert from 'node:assert/strict';
import { RATE_LIMIT_ALGORITHMS, type RateLimitAlgorithm } from '../../rate-limit/algorithms/index.js';
import type { RateLimitCharge, RateLimitStorage } from '../../rate-limit/storage.js';
import { charge, one, peekOne, SHORT_MS, within, type StorageCase } from './asking.js';

/** No test meets the end of it: the longest window that an option takes. */
const YEAR_MS = 31_622_400_000;

const of = (algorithm: RateLimitAlgorithm, limit: number, more: Partial<RateLimitCharge> = {}): RateLimitCharge =>
  charge(algorithm, limit, { algorithm, windowMs: YEAR_MS, ...more });

async function admitted(
  storage: RateLimitStorage,
  asked: RateLimitCharge,
  calls: number,
  identity = 'key:x',
): Promise<number> {
  const answers = await Promise.all(Array.from({ length: calls }, async () => one(storage, identity, asked)));
  return answers.filter(({ allowed }) => allowed).length;
}

/** The same promise, kept by each algorithm. */
function forEach(
  name: (algorithm: RateLimitAlgorithm) => string,
  run: (algorithm: RateLimitAlgorithm) => StorageCase,
  algorithms: readonly RateLimitAlgorithm[] = RATE_LIMIT_ALGORITHMS,
): Record<string, StorageCase> {
  return Object.fromEntries(algorithms.map((algorithm) => [name(algorithm), run(algorithm)]));
}

const spendable: readonly RateLimitAlgorithm[] = ['sliding-window', 'gcra', 'fixed-window'];

/** What each algorithm promises. */
export const ALGORITHM_CASES: Readonly<Record<string, StorageCase>> = {
  ...forEach(
    (algorithm) => `${algorithm} lets through exactly 0, 1 and 10,000 of more calls at once`,
    (algorithm) => async (storage) => {
      assert.equal(await admitted(storage, of(algorithm, 0, { counter: 'none' }), 20), 0);
      assert.equal(await admitted(storage, of(algorithm, 1, { counter: 'single' }), 20), 1);
      assert.equal(await admitted(storage, of(algorithm, 10_000, { counter: 'many', cost: 50 }), 250), 200);
    },
  ),

  ...forEach(
    (algorithm) => `${algorithm} gives back what the receipt names, once, and lets as much through again`,
    (algorithm) => async (storage) => {
      const it = of(algorithm, 3);
      const first = await one(storage, 'key:x', it);
      await one(storage, 'key:x', it);
      await one(storage, 'key:x', it);
      assert.equal((await one(storage, 'key:x', it)).allowed, false);
      await storage.refund('key:x', [it], [first.receipt]);
      assert.equal((await peekOne(storage, 'key:x', it)).remaining, 1);
      assert.equal(await admitted(storage, it, 3), 1);
    },
  ),

  ...forEach(
    (algorithm) => `${algorithm} spends late cost whether it fits or not, and refuses until it has been waited for`,
    (algorithm) => async (storage) => {
      const it = of(algorithm, 5);
      await storage.debit('key:x', [{ ...it, cost: 3 }]);
      assert.equal((await peekOne(storage, 'key:x', it)).remaining, 2);
      await storage.debit('key:x', [{ ...it, cost: 1_000_000_000 }]);
      const { allowed, remaining, retryAfterMs } = await peekOne(storage, 'key:x', it);
      assert.deepEqual({ allowed, remaining }, { allowed: false, remaining: 0 });
      // Never longer than a window, and what one more request takes.
      assert.ok(retryAfterMs > 0 && retryAfterMs <= YEAR_MS * 1.2 + 1);
      await storage.reset('key:x', [it.counter]);
      assert.equal((await one(storage, 'key:x', it)).remaining, 4);
    },
    spendable,
  ),

  ...forEach(
    (algorithm) =>
      `${algorithm} counts at the far ends of what an option takes: a billion in a year, and in a millisecond`,
    (algorithm) => async (storage) => {
      const billion = 1_000_000_000;
      const far = of(algorithm, billion, { counter: 'far' });
      const all = await one(storage, 'key:x', { ...far, cost: billion });
      assert.deepEqual({ allowed: all.allowed, remaining: all.remaining }, { allowed: true, remaining: 0 });
      // A thousand of a billion flow off in half a minute, where they flow.
      const { allowed, retryAfterMs } = await one(storage, 'key:x', { ...far, cost: 1000 });
      assert.equal(allowed, false);
      assert.ok(retryAfterMs > 0 && retryAfterMs <= YEAR_MS * 1.02, String(retryAfterMs));
      const near = of(algorithm, billion, { counter: 'near', windowMs: 1, cost: billion });
      const { allowed: isNear, remaining, resetMs } = await one(storage, 'key:x', near);
      assert.deepEqual({ isNear, remaining }, { isNear: true, remaining: 0 });
      assert.ok(resetMs >= 0 && resetMs <= 2, String(resetMs));
    },
  ),

  'one counter asked with two algorithms is two': async (storage) => {
    const identity = 'key:x';
    for (const algorithm of RATE_LIMIT_ALGORITHMS) {
      const it = charge('shared', 1, { algorithm, windowMs: YEAR_MS });
      assert.equal((await one(storage, identity, it)).allowed, true, algorithm);
      assert.equal((await one(storage, identity, it)).allowed, false, algorithm);
    }
    await storage.reset(identity, ['shared']);
    for (const algorithm of RATE_LIMIT_ALGORITHMS) {
      const it = charge('shared', 1, { algorithm, windowMs: YEAR_MS });
      assert.equal((await peekOne(storage, identity, it)).remaining, 1, algorithm);
    }
  },

  'policies of different algorithms are charged together or not at all': async (storage) => {
    const charges = RATE_LIMIT_ALGORITHMS.map((algorithm, index) => of(algorithm, 2 + index));
    for (let call = 0; call < 2; call++) {
      const answers = await storage.consume('key:x', charges);
      assert.ok(answers.every(({ allowed }) => allowed));
    }
    await storage.consume('key:x', charges);
    const left = await storage.peek('key:x', charges);
    assert.deepEqual(
      left.map(({ remaining }) => remaining),
      [0, 1, 2, 3],
    );
  },

  'gcra takes a burst at once and then one call for each share of the window': async (storage, time) => {
    const it = of('gcra', 2, { burst: 3, windowMs: 2 * SHORT_MS });
    const [identity, waitMs] = await within(SHORT_MS, time, async (key) => {
      assert.equal(await admitted(storage, it, 10, key), 3);
      const { retryAfterMs } = await one(storage, key, it);
      assert.ok(retryAfterMs > 0 && retryAfterMs <= SHORT_MS);
      return [key, retryAfterMs] as const;
    });
    await time.advance(waitMs);
    assert.equal((await one(storage, identity, it)).allowed, true);
  },

  'a fixed window begins anew at a multiple of its length, whenever the first call came': async (storage, time) => {
    const it = of('fixed-window', 2, { windowMs: SHORT_MS });
    const { resetMs } = await one(storage, 'key:x', it);
    assert.ok(resetMs > 0 && resetMs <= SHORT_MS);
    if (time.isManual) assert.equal((Math.floor(time.now()) + resetMs) % SHORT_MS, 0);
    await time.advance(resetMs);
    const { remaining } = await peekOne(storage, 'key:x', it);
    assert.equal(remaining, 2);
  },

  'a lease is held until it is given back': async (storage) => {
    const it = of('concurrency', 2);
    const leases = [await one(storage, 'key:x', it), await one(storage, 'key:x', it)];
    assert.equal((await one(storage, 'key:x', it)).allowed, false);
    for (const lease of leases) await storage.refund('key:x', [it], [lease.receipt]);
    assert.equal((await peekOne(storage, 'key:x', it)).remaining, 2);
    // Given back twice, it ends nobody else's.
    await one(storage, 'key:y', it);
    await storage.refund('key:x', [it], [leases[0]!.receipt]);
    assert.equal((await peekOne(storage, 'key:y', it)).remaining, 1);
  },

  'a lease that nobody gives back ends after the window': async (storage, time) => {
    const it = of('concurrency', 1, { windowMs: SHORT_MS });
    const [identity, waitMs] = await within(SHORT_MS, time, async (key) => {
      await one(storage, key, it);
      const { allowed, retryAfterMs } = await one(storage, key, it);
      assert.equal(allowed, false);
      assert.ok(retryAfterMs > 0 && retryAfterMs <= SHORT_MS);
      return [key, retryAfterMs] as const;
    });
    await time.advance(waitMs);
    assert.equal((await one(storage, identity, it)).allowed, true);
  },
};
