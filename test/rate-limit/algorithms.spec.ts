// Real: the memory storage. The clock is moved by hand, backwards too, so every schedule is exact. The oracle is the
// definition of each algorithm, written down naively. What holds for any storage is in the contract suite.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryRateLimitStorage } from '../../src/rate-limit/memory/memory-rate-limit-storage.js';
import type { RateLimitCharge } from '../../src/rate-limit/storage.js';
import { RATE_LIMIT_ALGORITHMS } from '../../src/rate-limit/algorithms/index.js';
import { charge } from '../../src/testing/storage-contract/asking.js';
import { CounterOracle } from '../../src/testing/storage-contract/oracle.js';

type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'consume' | 'peek' | 'refund' | 'debit'; readonly cost: number }
  | { readonly kind: 'reset' };

const steps = ({ windowMs, limit }: RateLimitCharge): fc.Arbitrary<Step[]> => {
  const edges = fc.constantFrom(windowMs, windowMs - 1, windowMs + 1, 0, 1, Math.floor(windowMs / 2));
  const wait = fc.oneof(edges, fc.integer({ min: 0, max: windowMs * 2 }), fc.integer({ min: -windowMs, max: -1 }));
  const cost = fc.oneof(
    { weight: 5, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: limit + 2 }) },
  );
  const spending = fc.constantFrom('consume', 'consume', 'consume', 'peek', 'refund', 'debit');
  return fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: wait }) },
      { weight: 12, arbitrary: fc.record({ kind: spending, cost }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'reset' as const }) },
    ),
    { minLength: 1, maxLength: 100 },
  );
};

const charges = (windowMs: fc.Arbitrary<number>): fc.Arbitrary<RateLimitCharge> =>
  fc
    .record({
      algorithm: fc.constantFrom(...RATE_LIMIT_ALGORITHMS),
      limit: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 1024 })),
      windowMs,
      more: fc.integer({ min: 1, max: 2000 }),
    })
    .map(({ algorithm, limit, windowMs: length, more }) =>
      charge('c', limit, { algorithm, windowMs: length, burst: algorithm === 'gcra' && limit > 0 ? more : limit }),
    );

const schedules = charges(fc.integer({ min: 2, max: 5000 })).chain((asked) =>
  fc.record({ asked: fc.constant(asked), schedule: steps(asked), start: fc.integer({ min: -1e12, max: 2e12 }) }),
);

function play(asked: RateLimitCharge, schedule: readonly Step[], start: number): void {
  let now = start;
  const storage = new MemoryRateLimitStorage({ now: () => now });
  const oracle = new CounterOracle(asked);
  const compare = (answers: readonly object[], cost: number): void => {
    const expected = oracle.ask(now, cost);
    expect(answers).toMatchObject([expected.allowed ? { allowed: true } : expected]);
  };
  // The storage's time begins with the storage.
  compare(storage.peek('key:x', [asked]), asked.cost);
  for (const step of schedule) {
    if (step.kind === 'wait') now += step.ms;
    else if (step.kind === 'reset') {
      storage.reset('key:x');
      oracle.reset();
    } else {
      const { kind, cost } = step;
      const charged = [{ ...asked, cost }];
      if (kind === 'refund') {
        storage.refund('key:x', charged);
        oracle.refund(now, cost, undefined);
      } else if (kind === 'debit') {
        if (asked.algorithm === 'concurrency') continue;
        storage.debit('key:x', charged);
        oracle.debit(now, cost);
      } else if (kind === 'peek') expect(storage.peek('key:x', charged)).toMatchObject([oracle.ask(now, cost)]);
      else {
        const { allowed } = oracle.ask(now, cost);
        const expected = allowed ? oracle.askCharged(now, cost) : oracle.ask(now, cost);
        expect(storage.consume('key:x', charged)).toMatchObject([expected]);
        if (allowed) oracle.charge(now, cost);
      }
    }
    compare(storage.peek('key:x', [asked]), asked.cost);
  }
}

describe('each algorithm, against its definition', () => {
  it('answers every schedule of calls, costs, refunds, late costs, resets and clocks that step back as the definition does', () => {
    fc.assert(
      fc.property(schedules, ({ asked, schedule, start }) => play(asked, schedule, start)),
      { numRuns: 400 },
    );
  });

  it('counts on for as long as a process may live: windows of days and a year of waiting, in ticks that wrap around', () => {
    const day = 86_400_000;
    const long = charges(fc.integer({ min: day, max: 6 * day })).chain((asked) =>
      fc.record({ asked: fc.constant(asked), schedule: steps({ ...asked, windowMs: 40 * day }) }),
    );
    fc.assert(
      fc.property(long, ({ asked, schedule }) => play(asked, schedule, 1_700_000_000_000)),
      { numRuns: 150 },
    );
  });

  it('shares one counter within a call: what an earlier charge of the call spends is not there for a later one', () => {
    for (const algorithm of RATE_LIMIT_ALGORITHMS) {
      const storage = new MemoryRateLimitStorage({ now: () => 0 });
      const two = charge('c', 3, { algorithm, windowMs: 1000, cost: 2 });
      const answers = storage.consume('key:x', [two, two]);
      expect(answers.map(({ allowed }) => allowed)).toEqual([true, false]);
      expect(storage.peek('key:x', [two])[0]!.remaining).toBe(3);
      expect(storage.consume('key:x', [{ ...two, cost: 1 }, two]).map(({ remaining }) => remaining)).toEqual([2, 0]);
    }
  });
});
