import { SCALE } from './exponential-scale.js';

/**
 * The bounds of the classic buckets, in milliseconds: from a cached verification (a tenth of a millisecond) to a key set
 * that does not come (ten seconds).
 */
export const CLASSIC_BOUNDS_MS: readonly number[] = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000,
];

const BOUNDS = new Float64Array([...CLASSIC_BOUNDS_MS, Infinity]);

/** The lowest classic bucket that a duration of each bucket of the scale can be in. The next one is the only other. */
const LOWEST = new Uint8Array(SCALE.bucketCount);
for (let index = 0, bound = 0; index < LOWEST.length; index++) {
  // A hair below where the bucket begins, which is rounded: `add` may have to step up, but never down.
  while (BOUNDS[bound]! < SCALE.lowerBound(index) * 999.99) bound++;
  LOWEST[index] = bound;
}

/** Classic buckets, counted exactly: a duration that is equal to a bound belongs below it. */
export class ClassicBuckets {
  /** How many durations are in each, its upper bound included; the last is for what is above them all. */
  readonly counts = new Float64Array(BOUNDS.length);

  /** `index` is the duration's bucket in the {@link SCALE}: with it, one comparison finds the classic one. */
  add(durationMs: number, index: number): void {
    let bound = LOWEST[index]!;
    if (durationMs > BOUNDS[bound]!) bound++;
    this.counts[bound]!++;
  }

  reset(): void {
    this.counts.fill(0);
  }
}
