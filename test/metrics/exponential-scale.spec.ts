// Under test: the arithmetic on bits that finds a bucket, against the bounds it claims.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ExponentialScale } from '../../src/metrics/exponential-scale.js';

const scale = new ExponentialScale();
/** A bucket is found from 20 bits of the fraction, so a bound is met to within 2^-20. */
const HAIR = 1 + 2 ** -20;

describe('ExponentialScale', () => {
  it('puts a duration between the bounds of its bucket', () => {
    const exponent = fc.double({ min: -20, max: 17, noNaN: true });
    fc.assert(
      fc.property(exponent, (power) => {
        const seconds = 2 ** power;
        const index = scale.indexOf(seconds);
        expect(seconds).toBeGreaterThanOrEqual(scale.lowerBound(index) / HAIR);
        expect(seconds).toBeLessThanOrEqual(scale.upperBound(index) * HAIR);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives an exact power of two to the bucket it ends, as native histograms do', () => {
    for (let power = -19; power <= 17; power++) expect(scale.upperBound(scale.indexOf(2 ** power))).toBe(2 ** power);
  });

  it('never lets a longer duration have a lower bucket', () => {
    let last = 0;
    for (let seconds = 2 ** -21; seconds < 2 ** 17; seconds *= 1.0007) {
      const index = scale.indexOf(seconds);
      expect(index).toBeGreaterThanOrEqual(last);
      last = index;
    }
    expect(last).toBe(scale.bucketCount - 1);
  });

  it('has one bucket for everything shorter than it begins, 0 included', () => {
    for (const seconds of [0, -0, Number.MIN_VALUE, 1e-9, 2 ** -20]) expect(scale.indexOf(seconds)).toBe(0);
    expect([scale.lowerBound(0), scale.upperBound(0)]).toEqual([0, 2 ** -20]);
    expect(scale.indexOf(2 ** -20 * HAIR * HAIR)).toBe(1);
  });

  it('has buckets 0.543 % wide, the width of schema 7', () => {
    expect(scale.upperBound(500) / scale.lowerBound(500)).toBeCloseTo(2 ** (1 / 128), 12);
  });
});
