// Under test: DurationHistogram with all its parts, against sorting everything.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CLASSIC_BOUNDS_MS } from '../../src/metrics/classic-buckets.js';
import { DurationHistogram, EXACT_SAMPLES } from '../../src/metrics/duration-histogram.js';
import { durations, exactQuantile, SHAPES } from './samples.js';

const QUANTILES = [0.5, 0.95, 0.99, 0.999];

function histogramOf(values: Iterable<number>): DurationHistogram {
  const histogram = new DurationHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe('quantiles', () => {
  const duration = fc.oneof(
    fc.double({ min: 0, max: 86_400_000, noNaN: true }),
    fc.double({ min: 0.001, max: 50, noNaN: true }),
    fc.constantFrom(0, 1, 2, 4, 8, 1000, 1024, 16_000),
  );

  it('are exact while there are at most 1,024 samples, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: EXACT_SAMPLES }), (values) => {
        const exact = QUANTILES.map((quantile) => exactQuantile(Float64Array.from(values), quantile));
        expect(histogramOf(values).quantilesMs(...QUANTILES)).toEqual(exact);
      }),
    );
  });

  it('stay exact when asked between samples, because asking puts what is there in order', () => {
    const values = durations('lognormal', EXACT_SAMPLES, 3);
    const histogram = new DurationHistogram();
    for (let index = 0; index < values.length; index++) {
      histogram.record(values[index]!);
      if (index % 7 > 1 && index % 100 !== 0) continue;
      const exact = QUANTILES.map((quantile) => exactQuantile(values.subarray(0, index + 1), quantile));
      expect(histogram.quantilesMs(...QUANTILES)).toEqual(exact);
    }
  });

  it('are at most 0.54 % off beyond that, for any durations of a microsecond or more', () => {
    const from = fc.double({ min: 0.001, max: 86_400_000, noNaN: true });
    const groups = fc.array(fc.tuple(from, fc.integer({ min: 1, max: 900 })), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(groups, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }), (runs, some) => {
        const values = Float64Array.from(runs.flatMap(([value, count]) => Array<number>(count).fill(value)));
        const quantiles = [...QUANTILES, ...some].toSorted((a, b) => a - b);
        const answers = histogramOf(values).quantilesMs(...quantiles);
        for (const [index, quantile] of quantiles.entries()) {
          const exact = exactQuantile(values, quantile);
          expect(Math.abs(answers[index]! - exact) / exact).toBeLessThanOrEqual(0.0054);
        }
      }),
      { numRuns: 80 },
    );
  });

  it.each(Object.keys(SHAPES))('are at most 0.3 %% off on a million %s durations', (shape) => {
    const values = durations(shape, 1_000_000, 99);
    const answers = histogramOf(values).quantilesMs(...QUANTILES);
    values.sort();
    for (const [index, quantile] of QUANTILES.entries()) {
      const exact = values[Math.floor(values.length * quantile)]!;
      expect(Math.abs(answers[index]! - exact) / exact).toBeLessThanOrEqual(0.003);
    }
  });

  it('never leave the range of what was recorded', () => {
    const histogram = histogramOf(Array<number>(5000).fill(12.34));
    expect(histogram.quantilesMs(0, 0.5, 1)).toEqual([12.34, 12.34, 12.34]);
  });

  it('take durations too short for a bucket of their own as shorter than a microsecond', () => {
    const histogram = histogramOf([...Array<number>(3000).fill(0), ...Array<number>(1000).fill(0.0005)]);
    const [median, last] = histogram.quantilesMs(0.5, 1);
    expect(median).toBeLessThan(0.001);
    expect(last).toBeLessThanOrEqual(0.0005);
  });

  it('are 0 before the first sample', () => {
    expect(new DurationHistogram().quantilesMs(0.5, 0.99)).toEqual([0, 0]);
  });

  it('stay right when a bucket has counted past 32 bits', () => {
    const histogram = histogramOf([...Array<number>(1500).fill(1), ...Array<number>(1500).fill(100)]);
    const inside = histogram as unknown as { buckets: Uint32Array; recorded: number };
    const bucket = inside.buckets.findLastIndex((count) => count > 0);
    // As after 2^32 more durations of 100 ms, short of the last.
    inside.buckets[bucket] = 2 ** 32 - 1;
    inside.recorded = 1500 + 2 ** 32 - 1;
    histogram.record(100);
    expect(inside.buckets[bucket]).toBe(0);
    const [lowest, median] = histogram.quantilesMs(0, 0.5);
    expect(lowest).toBeCloseTo(1, 1);
    expect(Math.abs(median! - 100) / 100).toBeLessThanOrEqual(0.0054);
  });
});

describe('classic buckets', () => {
  it('count exactly, a bound belonging to its bucket, so that le="0.1" means at most 100 ms', () => {
    const near = CLASSIC_BOUNDS_MS.flatMap((bound) => [bound, bound * (1 + 2 ** -52), bound * (1 - 2 ** -53)]);
    const value = fc.oneof(fc.constantFrom(...near), fc.double({ min: 0, max: 20_000, noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), (values) => {
        const bounds = [...CLASSIC_BOUNDS_MS, Infinity];
        const expected = bounds.map((bound, index) => {
          const above = index === 0 ? -1 : bounds[index - 1]!;
          return values.filter((duration) => duration > above && duration <= bound).length;
        });
        expect([...histogramOf(values).classicCounts]).toEqual(expected);
      }),
    );
  });
});

describe('what is no duration', () => {
  const odd: readonly [unknown, string][] = [
    [NaN, 'nan'],
    [-1, 'negative'],
    [-Number.MIN_VALUE, 'negative'],
    [Infinity, 'infinite'],
    [-Infinity, 'infinite'],
    [86_400_001, 'too_large'],
    [Number.MAX_VALUE, 'too_large'],
    [1_700_000_000_000, 'too_large'],
    ['12', 'not_a_number'],
    ['', 'not_a_number'],
    [null, 'not_a_number'],
    [12n, 'not_a_number'],
    [Symbol('12'), 'not_a_number'],
    [{ valueOf: () => 12 }, 'not_a_number'],
    [[12], 'not_a_number'],
    [true, 'not_a_number'],
  ];

  it.each(odd)('is counted by reason and nowhere else: %p', (value, reason) => {
    const histogram = histogramOf([5]);
    histogram.record(value as number);
    expect(Object.entries(histogram.invalid.counts).filter(([, count]) => count > 0)).toEqual([[reason, 1]]);
    expect([histogram.count, histogram.sumMs, histogram.meanMs, ...histogram.quantilesMs(0.5, 0.99)]).toEqual([
      1, 5, 5, 5, 5,
    ]);
  });

  it('does not include 0, the shortest that can be, nor a day, the longest that is believed', () => {
    const histogram = histogramOf([0, 86_400_000]);
    expect([histogram.count, histogram.sumMs]).toEqual([2, 86_400_000]);
    expect(Object.values(histogram.invalid.counts)).toEqual([0, 0, 0, 0, 0]);
  });
});

it('begins again from nothing after a reset, exact samples included', () => {
  const histogram = histogramOf(durations('lognormal', 3000, 1));
  histogram.record(NaN);
  histogram.reset();
  expect([histogram.count, histogram.sumMs, histogram.meanMs, ...histogram.quantilesMs(0.5)]).toEqual([0, 0, 0, 0]);
  expect([...histogram.classicCounts].every((count) => count === 0)).toBe(true);
  expect(histogram.invalid.counts.nan).toBe(0);
  histogram.record(7);
  expect(histogram.quantilesMs(0.5, 0.99)).toEqual([7, 7]);
});
