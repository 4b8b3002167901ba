// Under test: CompensatedSum, against exact arithmetic on fractions of BigInts.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CompensatedSum } from '../../src/metrics/compensated-sum.js';
import { durations, SHAPES } from './samples.js';

/** In units of 2^-1074, of which every double is a whole multiple. */
function exactly(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & ((1n << 52n) - 1n);
  return exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
}

/** The distance of `value` from the exact mean, in units in the last place of `value`. */
function errorInUlps(value: number, sum: bigint, count: bigint): number {
  const ulp = exactly(nextUp(value)) - exactly(value);
  const difference = exactly(value) * count - sum;
  return Number(((difference < 0n ? -difference : difference) * 1000n) / (ulp * count)) / 1000;
}

function nextUp(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigUint64(0, view.getBigUint64(0) + 1n);
  return view.getFloat64(0);
}

function summed(values: Iterable<number>): { sum: CompensatedSum; exact: bigint; count: number } {
  const sum = new CompensatedSum();
  let exact = 0n;
  let count = 0;
  for (const value of values) {
    sum.add(value);
    exact += exactly(value);
    count++;
  }
  return { sum, exact, count };
}

describe('CompensatedSum', () => {
  it('gives a mean that no other double is nearer to, whatever durations there were', () => {
    const duration = fc.double({ min: 1e-9, max: 86_400_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 500 }), (values) => {
        const { sum, exact, count } = summed(values);
        expect(errorInUlps(sum.meanOf(count), exact, BigInt(count))).toBeLessThanOrEqual(0.501);
      }),
    );
  });

  it.each(Object.keys(SHAPES))(
    'stays right to the last place over a long run of %s durations, where a plain sum drifts',
    (shape) => {
      const { sum, exact, count } = summed(durations(shape, 200_000, 5));
      expect(errorInUlps(sum.meanOf(count), exact, BigInt(count))).toBeLessThanOrEqual(0.501);
    },
  );

  it('is the mean of the documentation: 25.3, not 25.299999999999997', () => {
    const { sum, count } = summed([20.3, 30.3, 25.3, 25.3]);
    expect(sum.meanOf(count)).toBe(25.3);
  });

  it('keeps small numbers beside a large one, in either order', () => {
    for (const values of [
      [1e16, 1, 1],
      [1, 1, 1e16],
    ])
      expect(summed(values).sum.value).toBe(1e16 + 2);
  });

  it('is 0 when empty, and again after a reset', () => {
    const { sum } = summed([1, 2, 3]);
    sum.reset();
    expect([sum.value, sum.meanOf(0), new CompensatedSum().meanOf(0)]).toEqual([0, 0, 0]);
  });
});
