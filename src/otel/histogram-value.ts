import { CLASSIC_BOUNDS_MS } from '../metrics/classic-buckets.js';
import type { DurationHistogram } from '../metrics/duration-histogram.js';
import { MIN_EXPONENT, SCHEMA } from '../metrics/exponential-scale.js';
import type { OtelBuckets, OtelExplicitValue, OtelExponentialValue } from './metric-data.js';

/** The SDK's own bound, and the specification's default for exponential histograms. */
export const MAX_BUCKETS = 160;

/**
 * The table of durations as an exponential histogram, in seconds, at the finest scale that needs no more than
 * {@link MAX_BUCKETS} buckets. Each step down halves the number of buckets by joining neighbours, which is exact
 * (https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram).
 */
export function exponentialValue(durations: DurationHistogram): OtelExponentialValue {
  const occupied = durations.occupied();
  // Bucket 0 is for what is shorter than the scale begins, a little under a microsecond.
  const zeroCount = occupied[0]?.[0] === 0 ? occupied[0][1] : 0;
  const positive = occupied
    .filter(([index]) => index > 0)
    .map(([index, count]) => [index - 1 + MIN_EXPONENT * 2 ** SCHEMA, count] as const);
  let shift = 0;
  const first = positive[0]?.[0] ?? 0;
  const last = positive.at(-1)?.[0] ?? 0;
  while ((last >> shift) - (first >> shift) >= MAX_BUCKETS) shift++;
  return {
    ...distribution(durations),
    scale: SCHEMA - shift,
    zeroCount,
    positive: joined(positive, shift),
    negative: { offset: 0, bucketCounts: [] },
  };
}

/** The classic buckets, in seconds, for a reader that takes no other histogram. */
export function explicitValue(durations: DurationHistogram): OtelExplicitValue {
  return {
    ...distribution(durations),
    buckets: {
      boundaries: CLASSIC_BOUNDS_MS.map((ms) => ms / 1000),
      counts: [...durations.classicCounts],
    },
  };
}

function distribution(durations: DurationHistogram): { count: number; sum: number; min?: number; max?: number } {
  const { count, sumMs, minMs, maxMs } = durations;
  return { count, sum: sumMs / 1000, ...(count > 0 && { min: minMs / 1000, max: maxMs / 1000 }) };
}

function joined(buckets: readonly (readonly [index: number, count: number])[], shift: number): OtelBuckets {
  if (buckets.length === 0) return { offset: 0, bucketCounts: [] };
  const offset = buckets[0]![0] >> shift;
  const bucketCounts = Array.from({ length: (buckets.at(-1)![0] >> shift) - offset + 1 }, () => 0);
  for (const [index, count] of buckets) bucketCounts[(index >> shift) - offset]! += count;
  return { offset, bucketCounts };
}
