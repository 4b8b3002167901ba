import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { VerifiedTokens } from '../../src/jwt/verified-tokens.js';

describe('VerifiedTokens', () => {
  it('never holds more than its bound, and never answers with another one than was set last', () => {
    const step = fc.tuple(fc.constantFrom('set', 'get', 'delete'), fc.integer({ min: 0, max: 15 }), fc.nat());
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 200 }), (maxTokens, steps) => {
        const cache = new VerifiedTokens<number>(maxTokens);
        const all = new Map<string, number>();
        const found: [number | undefined, number | undefined][] = [];
        for (const [what, token, value] of steps) {
          const key = cache.keyOf(`token-${token}`);
          if (what === 'set') {
            cache.set(key, value);
            all.set(key, value);
          } else if (what === 'delete') {
            cache.delete(key);
            all.delete(key);
          } else {
            found.push([cache.get(key), all.get(key)]);
          }
          expect(cache.size).toBeLessThanOrEqual(maxTokens);
        }
        expect(found.filter(([cached, set]) => cached !== undefined && cached !== set)).toEqual([]);
      }),
    );
  });

  it('keeps what is asked for again and again while others pass through', () => {
    const cache = new VerifiedTokens<number>(10);
    const popular = cache.keyOf('popular');
    cache.set(popular, 1);
    for (let index = 0; index < 100; index++) {
      cache.set(cache.keyOf(`passing-${index}`), index);
      expect(cache.get(popular)).toBe(1);
    }
  });

  it('keeps no token, and says nothing to a cache of other options', () => {
    const token = 'eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJl';
    const [one, other] = [new VerifiedTokens<number>(2), new VerifiedTokens<number>(2)];
    one.set(one.keyOf(token), 1);
    expect(other.get(other.keyOf(token))).toBeUndefined();
    expect(one.keyOf(token)).toHaveLength(32);
    expect(one.keyOf(token)).toBe(one.keyOf(Buffer.from(token).toString()));
    expect(one.keyOf(token)).not.toContain(token.slice(0, 8));
  });
});
