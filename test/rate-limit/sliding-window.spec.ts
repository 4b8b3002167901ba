// Real: the memory storage and its logs. The clock is moved by hand, so every schedule is exact. The oracle is the
// definition of a sliding window, written down naively.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryRateLimitStorage } from '../../src/rate-limit/memory/memory-rate-limit-storage.js';
import type { RateLimitCharge } from '../../src/rate-limit/storage.js';
import { SlidingWindowOracle } from './oracle.js';

function charge(limit: number, windowMs: number, more: Partial<RateLimitCharge> = {}): RateLimitCharge {
  return {
    counter: 'c',
    algorithm: 'sliding-window',
    limit,
    burst: limit,
    windowMs,
    cost: 1,
    blockMs: 0,
    shadow: false,
    ...more,
  };
}

type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'consume' | 'peek' | 'refund'; readonly cost: number }
  | { readonly kind: 'reset' };

const steps = (windowMs: number, limit: number): fc.Arbitrary<Step[]> => {
  const edges = fc.constantFrom(windowMs, windowMs - 1, windowMs + 1, 0, 1, Math.floor(windowMs / 2));
  const wait = fc.oneof(edges, fc.integer({ min: 0, max: windowMs * 2 }), fc.integer({ min: -windowMs, max: -1 }));
  const cost = fc.oneof(
    { weight: 5, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: limit + 2 }) },
  );
  return fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: wait }) },
      { weight: 9, arbitrary: fc.record({ kind: fc.constant('consume' as const), cost }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('peek' as const), cost }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('refund' as const), cost }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'reset' as const }) },
    ),
    { minLength: 1, maxLength: 120 },
  );
};

const schedules = fc
  .record({
    limit: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 1024 })),
    windowMs: fc.integer({ min: 2, max: 5000 }),
  })
  .chain(({ limit, windowMs }) =>
    fc.record({
      limit: fc.constant(limit),
      windowMs: fc.constant(windowMs),
      steps: steps(windowMs, limit),
      start: fc.integer({ min: -1e12, max: 2e12 }),
    }),
  );

describe('the sliding window, against its definition', () => {
  it('answers every schedule of calls, costs, refunds, resets and clocks that step back as the definition does', () => {
    fc.assert(
      fc.property(schedules, ({ limit, windowMs, steps: schedule, start }) => {
        let now = start;
        const storage = new MemoryRateLimitStorage({ now: () => now });
        const oracle = new SlidingWindowOracle(limit, windowMs);
        storage.peek('key:x', [charge(limit, windowMs)]);
        oracle.ask(now, 1, false);
        for (const step of schedule) {
          if (step.kind === 'wait') now += step.ms;
          else if (step.kind === 'reset') {
            storage.reset('key:x');
            oracle.reset();
          } else if (step.kind === 'refund') {
            storage.refund('key:x', [charge(limit, windowMs, { cost: step.cost })]);
            oracle.refund(now, step.cost);
          } else {
            const asked = [charge(limit, windowMs, { cost: step.cost })];
            const charging = step.kind === 'consume';
            const answer = charging ? storage.consume('key:x', asked)[0]! : storage.peek('key:x', asked)[0]!;
            const { allowed, remaining, resetMs, retryAfterMs } = answer;
            expect({ allowed, remaining, resetMs, retryAfterMs }).toEqual(oracle.ask(now, step.cost, charging));
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('tells a wait that is just enough: that long is allowed, one millisecond less is not', () => {
    const times = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });
    const limits = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(1024, 1025, 3000));
    fc.assert(
      fc.property(
        limits,
        fc.integer({ min: 1, max: 64 }),
        times,
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (limit, parts, waits, fraction) => {
          let now = 1_000_000 + fraction;
          const cost = Math.max(1, Math.floor(limit / parts));
          const create = (): [MemoryRateLimitStorage, number] => {
            now = 1_000_000 + fraction;
            const storage = new MemoryRateLimitStorage({ now: () => now });
            let retry = 0;
            for (const ms of waits) {
              now += ms;
              const answer = storage.consume('key:x', [charge(limit, 1000, { cost })])[0]!;
              retry = answer.retryAfterMs;
            }
            return [storage, retry];
          };
          const [storage, retry] = create();
          if (retry === 0) return;
          now += retry - 1;
          expect(storage.peek('key:x', [charge(limit, 1000, { cost })])[0]!.allowed).toBe(false);
          now += 1;
          expect(storage.consume('key:x', [charge(limit, 1000, { cost })])[0]!.allowed).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** The most that any window of `windowMs` holds, wherever it begins. */
function worst(admitted: readonly number[], windowMs: number): number {
  let most = 0;
  let from = 0;
  admitted.forEach((at, index) => {
    while (at - admitted[from]! >= windowMs) from++;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

describe('never more than the limit in any window', () => {
  const windowMs = 60_000;
  const bursts: Record<string, (limit: number) => number[]> = {
    'a burst at the end of each window and one at the start of the next': (limit) =>
      [0, 1, 2, 3].flatMap((w) => [
        ...repeat(limit, w * windowMs + windowMs - 1),
        ...repeat(limit, (w + 1) * windowMs),
      ]),
    'bursts half a window apart': (limit) => [0, 1, 2, 3, 4, 5].flatMap((half) => repeat(limit, (half * windowMs) / 2)),
    'a steady stream above the limit': (limit) =>
      Array.from({ length: limit * 4 }, (_, i) => Math.floor((i * windowMs) / (limit * 1.1))),
    'bursts just before the oldest frees up': (limit) =>
      [0, 1, 2].flatMap((w) => [
        ...repeat(Math.ceil(limit / 2), w * windowMs),
        ...repeat(limit, (w + 1) * windowMs - 1),
      ]),
  };
  for (const limit of [1, 2, 10, 100, 1024, 1025, 2000, 10_000]) {
    for (const [name, schedule] of Object.entries(bursts)) {
      it(`holds ${limit} against ${name}, because a fixed window would let through twice as much`, () => {
        let now = 0;
        const storage = new MemoryRateLimitStorage({ now: () => now });
        const asked = [charge(limit, windowMs)];
        const admitted: number[] = [];
        for (const at of schedule(limit).toSorted((a, b) => a - b)) {
          now = at;
          if (storage.consume('key:x', asked)[0]!.allowed) admitted.push(at);
        }
        expect(worst(admitted, windowMs)).toBe(limit);
      });
    }
  }

  it('lets 99 % of the limit through to a client that asks for 110 % of it', () => {
    for (const limit of [10, 100, 1000, 5000]) {
      let now = 0;
      const storage = new MemoryRateLimitStorage({ now: () => now });
      let allowed = 0;
      const windows = 20;
      const calls = Math.floor(limit * 1.1 * windows);
      for (let i = 0; i < calls; i++) {
        now = Math.floor((i * windowMs * windows) / calls);
        if (storage.consume('key:x', [charge(limit, windowMs)])[0]!.allowed) allowed++;
      }
      expect(allowed / (limit * windows)).toBeGreaterThanOrEqual(0.99);
    }
  });
});

function repeat(count: number, at: number): number[] {
  return Array.from({ length: count }, () => at);
}
