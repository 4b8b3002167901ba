/** Buckets for each doubling: 2^7. One bucket is then 2^(1/128) - 1 = 0.543 % wide. */
export const SCHEMA = 7;
const PER_DOUBLING = 1 << SCHEMA;
/** The lowest bucket begins at 2^-20 s, a little under a microsecond; what is shorter shares bucket 0. */
export const MIN_EXPONENT = -20;
/** The highest bucket ends at 2^17 s, a little over 36 hours. */
const MAX_EXPONENT = 17;
/** An IEEE 754 exponent is stored with this added. */
const EXPONENT_BIAS = 1023;
/** A bucket is found from the upper 20 bits of the fraction. */
const FRACTION_BITS = 20;
/** Written out: in a bundle, where a constant is a variable, a power would be computed each time and cost more than all the rest. */
const FRACTION_MASK = 0xf_ffff;
/** The table of first guesses is twice as fine as the buckets, so that a guess is never off by more than one. */
const GUESS_SHIFT = FRACTION_BITS - SCHEMA - 1;

/**
 * Base-2 exponential buckets over seconds: bucket `i` holds what is above `lowerBound(i)` and at most `upperBound(i)`.
 * These are the bounds of a native histogram of Prometheus with schema 7, and of an exponential histogram of
 * OpenTelemetry with scale 7, so both can be served from one table.
 *
 * The index comes from the bits of the number: a logarithm would cost several times as much.
 */
export class ExponentialScale {
  /** Bucket 0, for what is shorter than the scale begins, included. */
  readonly bucketCount = (MAX_EXPONENT - MIN_EXPONENT) * PER_DOUBLING + 1;

  private readonly float = new Float64Array(1);
  private readonly words = new Uint32Array(this.float.buffer);
  /** The fraction, as 20 bits, at which each bucket of a doubling ends. */
  private readonly ends = new Uint32Array(PER_DOUBLING);
  private readonly guesses = new Uint8Array(PER_DOUBLING * 2);

  constructor() {
    const whole = 2 ** FRACTION_BITS;
    for (let k = 0; k < PER_DOUBLING; k++) {
      this.ends[k] = Math.min(whole, Math.ceil((2 ** ((k + 1) / PER_DOUBLING) - 1) * whole));
    }
    for (let guess = 0, k = 0; guess < this.guesses.length; guess++) {
      while (this.ends[k]! <= guess << GUESS_SHIFT) k++;
      this.guesses[guess] = k;
    }
  }

  /** `seconds` must be a number from 0 to 2^17. */
  indexOf(seconds: number): number {
    this.float[0] = seconds;
    // Little-endian, as every platform of Node is: the second word has sign, exponent and the upper fraction.
    let upper = this.words[1]!;
    // A bucket's upper bound belongs to it. Of the bounds only powers of two are exact, and their lower word is 0.
    if (this.words[0] === 0) upper--;
    const doubling = (upper >>> FRACTION_BITS) - (EXPONENT_BIAS + MIN_EXPONENT);
    if (doubling < 0 || seconds === 0) return 0;
    const fraction = upper & FRACTION_MASK;
    let k = this.guesses[fraction >>> GUESS_SHIFT]!;
    if (fraction >= this.ends[k]!) k++;
    return doubling * PER_DOUBLING + k + 1;
  }

  /** In seconds. */
  lowerBound(index: number): number {
    return index === 0 ? 0 : this.upperBound(index - 1);
  }

  /** In seconds. */
  upperBound(index: number): number {
    return 2 ** (MIN_EXPONENT + index / PER_DOUBLING);
  }
}

/** One for all histograms: it keeps nothing of what it is asked. */
export const SCALE = new ExponentialScale();
