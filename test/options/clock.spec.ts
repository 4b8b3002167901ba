// The clock that the limiter reads many times in a millisecond. Faked: the two clocks that it is made of.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { steadyMilliseconds, steadyNow } from '../../src/options/clock.js';

describe('the even clock in whole milliseconds', () => {
  function clocks() {
    let even = 1_000_000;
    let set = 0;
    let between = 0;
    let asked = 0;
    const now = steadyMilliseconds(
      () => Math.floor(even + set),
      () => {
        asked++;
        return (even += between);
      },
    );
    return {
      now,
      even: () => even,
      asked: () => asked,
      pass: (ms: number) => void (even += ms),
      setBy: (ms: number) => void (set += ms),
      pauseBetween: (ms: number) => void (between = ms),
    };
  }

  it('asks the even clock once for each millisecond of the wall clock, because that is what takes long', () => {
    const { now, pass, asked } = clocks();
    for (let i = 0; i < 1000; i++) {
      now();
      pass(0.01);
    }
    expect(asked()).toBeLessThanOrEqual(11);
  });

  it('begins each millisecond when the wall clock does: what waits for so many of them has waited enough', () => {
    const { now, pass } = clocks();
    for (let i = 0; i < 1000; i++) {
      const before = now();
      pass(60);
      expect(now()).toBe(before + 60);
      pass(0.37);
    }
  });

  it('stays within 2 ms of the even clock, however the wall clock is set and wherever the process is stopped', () => {
    const step = fc.record({
      pass: fc.double({ min: 0, max: 50, noNaN: true }),
      set: fc.oneof(fc.constant(0), fc.constant(0), fc.double({ min: -1e9, max: 1e9, noNaN: true })),
      pause: fc.oneof(fc.constant(0), fc.constant(0), fc.double({ min: 0, max: 20, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const { now, even, pass, setBy, pauseBetween } = clocks();
        for (const { pass: ms, set, pause } of steps) {
          pauseBetween(pause);
          pass(Math.max(1, ms));
          setBy(set);
          // Set so that it shows the very millisecond it showed before, it says nothing until the next one.
          const found = now();
          expect(found).toBeGreaterThan(even() - 2.001 - ms);
          expect(found).toBeLessThanOrEqual(even() + 1.001);
        }
      }),
    );
  });

  it('is the even clock of this process, but for its fractions', () => {
    const now = steadyMilliseconds();
    for (let i = 0; i < 1000; i++) {
      const before = steadyNow();
      const found = now();
      expect(Number.isInteger(found)).toBe(true);
      expect(found).toBeGreaterThan(before - 2.001);
      expect(found).toBeLessThanOrEqual(steadyNow() + 1.001);
    }
  });
});
