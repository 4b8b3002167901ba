import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isCanonicalBase64Url } from '../../src/jwt/base64url.js';

describe('isCanonicalBase64Url', () => {
  it('accepts exactly what an encoder writes, so that one token has one spelling', () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const text = fc.string({ unit: fc.constantFrom(...characters.split('')), maxLength: 12 });
    fc.assert(
      fc.property(text, fc.string({ maxLength: 3 }), (segment, before) => {
        const isWrittenSo = Buffer.from(segment, 'base64url').toString('base64url') === segment;
        const token = `${before}${segment}.rest`;
        expect(isCanonicalBase64Url(token, before.length, before.length + segment.length)).toBe(isWrittenSo);
      }),
      { numRuns: 1000 },
    );
  });
});
