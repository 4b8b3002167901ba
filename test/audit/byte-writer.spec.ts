// Real: the writer of bytes, beside the redactor and JSON.stringify. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ByteWriter } from '../../src/audit/byte-writer.js';
import { escapeHidden } from '../../src/audit/escape-hidden.js';
import { Redactor } from '../../src/audit/redact.js';

const written = (out: ByteWriter): string => out.bytes.toString('utf8', out.from, out.at);
const redactor = new Redactor();

describe('ByteWriter', () => {
  it.each([
    'a=b', 'say "x"', 'back\\slash', 'line\nfeed', 'ü', '\u007f', '\u2028', 'eyJhbGciOiJIUzI1NiJ9', 'https://u:p@host/', 'Bearer abc',
    'bearer abc', 'DPoP abc', 'Basic dTpw', '-----BEGIN PRIVATE KEY-----',
  ])('does not write %j as it stands, because it has to be looked at or escaped, and leaves no trace of it', (text) => {
    const out = new ByteWriter();
    out.ascii('before');
    expect(out.plain(text)).toBe(false);
    expect(written(out)).toBe('before');
  }); // prettier-ignore

  it('writes nothing as it stands that the redactor or JSON would change', () => {
    const pieces = fc.constantFrom('eyJ', 'ey', 'J', 'Bearer', 'basic', ' ', '\t', ':', '//', '-----', 'BEGIN', '=', '"', 'a', 'é');
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.array(pieces).map((all) => all.join('')));
    fc.assert(
      fc.property(texts, (text) => {
        const out = new ByteWriter(16);
        if (!out.plain(text)) return written(out) === '';
        return redactor.text(text) === text && written(out) === escapeHidden(JSON.stringify(text));
      }),
      { numRuns: 5000 },
    );
  }); // prettier-ignore

  it('writes a number as JSON does, whatever its size, because a reader must find the same one', () => {
    const thousandths = fc.integer({ min: -10, max: 2_000_000_000_000 }).map((count) => count / 1000);
    const numbers = fc.oneof(thousandths, fc.integer(), fc.maxSafeNat(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(numbers, (number) => {
        const out = new ByteWriter(4);
        out.number(number);
        return written(out) === JSON.stringify(number);
      }),
      { numRuns: 4000, examples: [[0], [-0], [1.05], [0.001], [999_999_999.999], [1e9], [1e9 + 0.5], [9_007_199_254_740_959], [1e21]] },
    );
  }); // prettier-ignore

  it('keeps a stretch in one piece when its memory is used up, and what was written before where it was', () => {
    const out = new ByteWriter(8);
    out.ascii('12345');
    const { bytes } = out;
    out.begin();
    out.ascii('abc');
    expect(out.plain('d'.repeat(100_000))).toBe(true);
    out.utf8('é');
    out.raw(Uint8Array.of(0x21));
    out.byte(0x2e);
    out.copy(Buffer.from('--copied--'), 2, 8);
    out.again(out.from, 3);
    expect(written(out)).toBe(`abc"${'d'.repeat(100_000)}"é!.copiedabc`);
    expect(bytes.toString('utf8', 0, 5)).toBe('12345');
  });
});
