// Under test: CappedNames and the reserved error types.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CappedNames, cleanName } from '../../src/metrics/capped-names.js';
import { errorTypeCounts, RESERVED_ERROR_TYPES } from '../../src/metrics/error-types.js';

const counts = (reserved: readonly string[], max: number) => new CappedNames(reserved, max, () => ({ count: 0 }));

function asObject(names: CappedNames<{ count: number }>): [string, number][] {
  return [...names.entries()].map(([name, { count }]) => [name, count]);
}

describe('CappedNames', () => {
  it('gives the first names a slot each and lets the rest share _other, which is told', () => {
    const names = counts([], 2);
    for (const name of ['a', 'b', 'c', 'a', 'd']) names.slotOf(name).count++;
    expect(asObject(names)).toEqual([
      ['a', 2],
      ['b', 1],
      ['_other', 2],
    ]);
    expect(names.overflowed).toBe(2);
  });

  it('never refuses a reserved name, however many others came first, and does not count it against the cap', () => {
    const names = counts(['expired_token'], 3);
    for (let index = 0; index < 100; index++) names.slotOf(`made up ${index}`).count++;
    names.slotOf('expired_token').count++;
    expect(names.slotOf('expired_token').count).toBe(1);
    expect([...names.entries()]).toHaveLength(1 + 3 + 1);
  });

  it('with a cap of 0 knows the reserved names alone', () => {
    const names = counts(['known'], 0);
    names.slotOf('new').count++;
    expect(asObject(names)).toEqual([
      ['known', 0],
      ['_other', 1],
    ]);
  });

  it('does not take _other, recorded by name, for an overflow', () => {
    const names = counts([], 1);
    names.slotOf('_other').count++;
    names.slotOf('a').count++;
    expect([names.overflowed, asObject(names)]).toEqual([
      0,
      [
        ['_other', 1],
        ['a', 1],
      ],
    ]);
  });

  it('forgets all but the reserved names at a reset', () => {
    const names = counts(['known'], 1);
    for (const name of ['known', 'a', 'b']) names.slotOf(name).count++;
    names.reset();
    expect([names.overflowed, asObject(names)]).toEqual([0, [['known', 0]]]);
    names.slotOf('c').count++;
    expect(names.slotOf('c').count).toBe(1);
  });

  it('loses no event, whatever the names are, and keeps to its bound', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 200 }), fc.nat(20), (events, max) => {
        const names = counts(['key'], max);
        for (const name of events) names.slotOf(name).count++;
        const all = asObject(names);
        expect(all.reduce((sum, [, count]) => sum + count, 0)).toBe(events.length);
        expect(all.length).toBeLessThanOrEqual(max + 2);
      }),
    );
  });
});

describe('cleanName', () => {
  it('cuts at 120 characters, so that two names that differ later are one series', () => {
    expect(cleanName('x'.repeat(5000))).toBe('x'.repeat(120));
    const names = counts([], 5);
    names.slotOf(`${'x'.repeat(120)}1`).count++;
    names.slotOf(`${'x'.repeat(120)}2`).count++;
    expect(asObject(names)).toEqual([['x'.repeat(120), 2]]);
  });

  it('makes every name well-formed, also one cut through the middle of an emoji', () => {
    for (const name of ['\ud800', 'a\udc00b', `${'x'.repeat(119)}🔑`]) {
      expect(cleanName(name)).toContain('\ufffd');
      expect(cleanName(name)).not.toMatch(/\p{Surrogate}/u);
    }
    expect(cleanName('日本語 🔑')).toBe('日本語 🔑');
  });

  it.each([['', undefined, null, 7, {}, Symbol('x'), Object.create(null)]])(
    'calls what is no name "unknown"',
    (...values) => {
      for (const value of values) expect(cleanName(value)).toBe('unknown');
    },
  );
});

describe('the reserved error types', () => {
  it('are the categories of API.md, unauthorized, and what the options add, each once', () => {
    const names = errorTypeCounts({ errorTypes: ['mine', 'key'] });
    expect([...names.entries()].map(([name]) => name)).toEqual([...RESERVED_ERROR_TYPES, 'mine']);
    expect(RESERVED_ERROR_TYPES).toEqual(
      expect.arrayContaining(['expired_token', 'invalid_signature', 'unauthorized']),
    );
  });
});
