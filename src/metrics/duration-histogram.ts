import { ClassicBuckets } from './classic-buckets.js';
import { CompensatedSum } from './compensated-sum.js';
import { SCALE } from './exponential-scale.js';
import { InvalidDurations, MAX_DURATION_MS } from './invalid-durations.js';
import { SortedSamples } from './sorted-samples.js';

/** Up to this many durations, quantiles are exact. */
export const EXACT_SAMPLES = 1024;

const UINT32_SIZE = 2 ** 32;

/** What one histogram hands to another. */
export interface DurationTotals {
  readonly count: number;
  readonly sumMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly buckets: readonly (readonly [index: number, count: number])[];
  readonly classicCounts: readonly number[];
}

/**
 * How long something took, many times, in constant memory: every quantile to within half a percent of the
 * exact one, the mean to its last place. Recording allocates nothing.
 *
 * Up to {@link EXACT_SAMPLES} durations are kept as they are and quantiles are exact; from then on they come from
 * exponential buckets and are at most 0.54 % off, by construction, for anything of a microsecond or more.
 */
export class DurationHistogram {
  readonly invalid = new InvalidDurations();

  /** 32 bits are half the memory of a double; what goes beyond them is carried over below. */
  private readonly buckets = new Uint32Array(SCALE.bucketCount);
  private readonly carried = new Map<number, number>();
  private hasCarried = false;
  private readonly samples = new SortedSamples(EXACT_SAMPLES);
  private readonly classic = new ClassicBuckets();
  private readonly sum = new CompensatedSum();
  private recorded = 0;
  private min = Infinity;
  private max = 0;
  /** Whether every duration was recorded here, so that the first ones are all kept. */
  private isWhole = true;

  /** Takes any value: what is no duration is counted in {@link invalid}, by reason, and nowhere else. */
  record(durationMs: number): void {
    if (typeof durationMs !== 'number' || !(durationMs >= 0 && durationMs <= MAX_DURATION_MS)) {
      this.invalid.add(durationMs);
      return;
    }
    const recorded = this.recorded;
    if (recorded < EXACT_SAMPLES) this.samples.add(durationMs);
    this.recorded = recorded + 1;
    this.sum.add(durationMs);
    if (durationMs < this.min) this.min = durationMs;
    if (durationMs > this.max) this.max = durationMs;

    const index = SCALE.indexOf(durationMs * 0.001);
    const count = this.buckets[index]! + 1;
    this.buckets[index] = count;
    if (count === UINT32_SIZE) this.carry(index);
    this.classic.add(durationMs, index);
  }

  get count(): number {
    return this.recorded;
  }

  get sumMs(): number {
    return this.sum.value;
  }

  /** 0 while nothing is recorded. */
  get meanMs(): number {
    return this.sum.meanOf(this.recorded);
  }

  /** 0 while nothing is recorded. */
  get minMs(): number {
    return this.recorded === 0 ? 0 : this.min;
  }

  /** 0 while nothing is recorded. */
  get maxMs(): number {
    return this.max;
  }

  /** How many durations are in each classic bucket, its upper bound included; the last is for what is above them all. */
  get classicCounts(): Float64Array {
    return this.classic.counts;
  }

  /**
   * The durations at the given quantiles (0 to 1, ascending): of `n` sorted durations the one at index `floor(n * q)`,
   * or the last one. 0 while nothing is recorded.
   */
  quantilesMs(...quantiles: readonly number[]): number[] {
    if (this.recorded === 0) return quantiles.map(() => 0);
    const ranks = quantiles.map((quantile) => Math.min(this.recorded - 1, Math.floor(this.recorded * quantile)));
    return this.recorded <= EXACT_SAMPLES && this.isWhole
      ? ranks.map((rank) => this.samples.at(rank))
      : this.interpolated(ranks);
  }

  /** The buckets of the {@link ExponentialScale} that hold something, ascending: their index, and how many. */
  occupied(): (readonly [index: number, count: number])[] {
    const found: (readonly [number, number])[] = [];
    if (this.recorded === 0) return found;
    const last = SCALE.indexOf(this.max * 0.001);
    for (let index = SCALE.indexOf(this.min * 0.001); index <= last; index++) {
      const count = this.countAt(index);
      if (count > 0) found.push([index, count]);
    }
    return found;
  }

  /** Adds what was recorded elsewhere. Quantiles come from the buckets from then on, however few durations there are. */
  absorb(other: DurationTotals): void {
    if (other.count === 0) return;
    this.isWhole = false;
    this.recorded += other.count;
    this.sum.add(other.sumMs);
    this.min = Math.min(this.min, other.minMs);
    this.max = Math.max(this.max, other.maxMs);
    for (const [index, count] of other.buckets) {
      const total = this.countAt(index) + count;
      this.buckets[index] = total % UINT32_SIZE;
      if (total < UINT32_SIZE) continue;
      this.carried.set(index, Math.floor(total / UINT32_SIZE));
      this.hasCarried = true;
    }
    other.classicCounts.forEach((count, bound) => (this.classic.counts[bound]! += count));
  }

  reset(): void {
    this.buckets.fill(0);
    this.carried.clear();
    this.hasCarried = false;
    this.classic.reset();
    this.samples.reset();
    this.sum.reset();
    this.invalid.reset();
    this.recorded = 0;
    this.min = Infinity;
    this.max = 0;
    this.isWhole = true;
  }

  private interpolated(ranks: readonly number[]): number[] {
    const { buckets } = this;
    const values: number[] = [];
    let index = SCALE.indexOf(this.min * 0.001);
    let count = this.countAt(index);
    let before = 0;
    for (const rank of ranks) {
      while (before + count <= rank) {
        before += count;
        index++;
        count = this.hasCarried ? this.countAt(index) : buckets[index]!;
      }
      const lower = SCALE.lowerBound(index) * 1000;
      const upper = SCALE.upperBound(index) * 1000;
      // Kept off the bucket's edges: interpolation right up to them could be wrong by its whole width, 0.543 %.
      const position = 0.01 + (0.98 * (rank - before + 0.5)) / count;
      values.push(Math.min(Math.max(lower + (upper - lower) * position, this.min), this.max));
    }
    return values;
  }

  private countAt(index: number): number {
    return this.buckets[index]! + (this.carried.get(index) ?? 0) * UINT32_SIZE;
  }

  private carry(index: number): void {
    this.carried.set(index, (this.carried.get(index) ?? 0) + 1);
    this.hasCarried = true;
  }
}
