// Real: the texts that come again. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import { ByteWriter } from '../../src/audit/byte-writer.js';
import { KnownTexts } from '../../src/audit/known-texts.js';

function told(known: KnownTexts, text: string): void {
  const out = new ByteWriter(8);
  out.ascii('before');
  const from = out.at;
  out.utf8(`,"a":"${text}"`);
  known.add(text, out, from);
}

describe('KnownTexts', () => {
  it('gives back what was written of a text, also when the memory it was written to is used for something else', () => {
    const known = new KnownTexts();
    const out = new ByteWriter(32);
    out.ascii('"x"');
    known.add('x', out, 0);
    out.bytes.fill(0);
    expect(known.get('y')).toBeUndefined();
    expect(Buffer.from(known.get('x')!).toString()).toBe('"x"');
  });

  it('keeps no long text and not many, because strangers choose them, and those of now instead of those of once', () => {
    const known = new KnownTexts();
    told(known, 'x'.repeat(257));
    expect(known.get('x'.repeat(257))).toBeUndefined();
    for (let index = 0; index < 5000; index++) told(known, `text ${index}`);
    const kept = Array.from({ length: 5000 }, (_, index) => known.get(`text ${index}`) !== undefined);
    expect(kept.filter(Boolean).length).toBeLessThanOrEqual(256);
    expect(kept.indexOf(true)).toBeGreaterThan(4096);
  });
});
