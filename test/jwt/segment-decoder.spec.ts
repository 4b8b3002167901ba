import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SegmentDecoder } from '../../src/jwt/segment-decoder.js';

const decode = (bytes: Buffer | Uint8Array): string | undefined =>
  new SegmentDecoder(400).decode(Buffer.from(bytes).toString('base64url'));

describe('SegmentDecoder', () => {
  it('decodes UTF-8 and refuses every other sequence of bytes, as TextDecoder does when it is told to be strict', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        let expected: string | undefined;
        try {
          expected = strict.decode(given);
        } catch {
          expected = undefined;
        }
        expect(decode(given)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes the replacement character for text where it was meant, and for an error where it was not', () => {
    expect(decode(Buffer.from('a\uFFFDb'))).toBe('a\uFFFDb');
    expect(decode(Buffer.from([0x61, 0xc3, 0x28]))).toBeUndefined();
  });

  it('shows nothing of the segment before it in the same memory', () => {
    const decoder = new SegmentDecoder(40);
    expect(decoder.decode(Buffer.from('a longer secret').toString('base64url'))).toBe('a longer secret');
    expect(decoder.decode(Buffer.from('short').toString('base64url'))).toBe('short');
    expect(decoder.decode('')).toBe('');
  });
});
