// Real: the memory storage with far more keys than one segment of its table holds, and the hash it finds them by. Faked: the clock.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KeyedHash } from '../../src/rate-limit/memory/keyed-hash.js';
import { MemoryRateLimitStorage } from '../../src/rate-limit/memory/memory-rate-limit-storage.js';
import { charge } from '../../src/testing/storage-contract/asking.js';

const KEYS = 30_000;
const perMinute = charge('c', 10, { windowMs: 60_000 });
const other = charge('d', 10, { windowMs: 60_000, algorithm: 'gcra' });

function filled() {
  let now = 0;
  const storage = new MemoryRateLimitStorage({ now: () => now });
  for (let i = 0; i < KEYS; i++) {
    storage.consume(`key:${i}`, [{ ...perMinute, cost: (i % 7) + 1 }]);
    if (i % 3 === 0) storage.consume(`key:${i}`, [{ ...other, cost: (i % 5) + 1 }]);
  }
  const wait = (ms: number): void => {
    now += ms;
  };
  return { storage, wait };
}

const wrong = (storage: MemoryRateLimitStorage): number[] =>
  Array.from({ length: KEYS }, (_, i) => i).filter((i) => {
    const [log, level] = storage.peek(`key:${i}`, [perMinute, other]);
    return log!.remaining !== 9 - (i % 7) || level!.remaining !== (i % 3 === 0 ? 9 - (i % 5) : 10);
  });

describe('a table of many segments', () => {
  it('knows every key and its count after its segments have divided', () => {
    const { storage } = filled();
    expect(storage.stats).toEqual({ keys: KEYS + KEYS / 3, evicted: 0, overflowed: 0 });
    expect(wrong(storage)).toEqual([]);
  });

  it('forgets one identity whole, and a counter of everybody, wherever they lie', () => {
    const { storage } = filled();
    storage.reset('key:3');
    expect(storage.peek('key:3', [perMinute, other]).map(({ remaining }) => remaining)).toEqual([10, 10]);
    storage.clear(['d']);
    expect(storage.stats.keys).toBe(KEYS - 1);
  });

  it('empties and joins again when all have expired, without anybody having to ask for each', () => {
    const { storage, wait } = filled();
    wait(60_001);
    // The calls of one busy caller are enough: each looks at a few records.
    for (let i = 0; i < 16 * KEYS; i++) {
      storage.consume('key:busy', [perMinute]);
      if (i % 1000 === 0) wait(60_001);
    }
    expect(storage.stats.keys).toBeLessThanOrEqual(1);
    for (let i = 0; i < KEYS; i++) storage.consume(`key:${i}`, [perMinute]);
    expect(storage.peek('key:12345', [perMinute])[0]!.remaining).toBe(9);
  });
});

describe('the hash of an identity', () => {
  const keys = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
  const hash = (text: string): [number, number] => {
    const hashed = new KeyedHash(keys);
    hashed.of(text);
    return [hashed.h0, hashed.h1];
  };

  it('is HalfSipHash-1-3 of the bytes of a text, under one key, and of its UTF-16 units, under another, where they do not fit bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const isNarrow = [...text].every((character) => character <= '\u00ff');
        const bytes = isNarrow ? Buffer.from(text, 'latin1') : Buffer.from(text, 'utf16le');
        expect(hash(text)).toEqual(halfSipHash13(bytes, isNarrow ? keys : keys.subarray(8)));
      }),
      { numRuns: 2000 },
    );
  });

  it('tells texts apart that a byte or a missing unit would confuse', () => {
    const texts = ['', '\0', '\0\0', 'a', 'a\0', '\u0161', 'a\u0161', '\ud800', '\udc00', 'a\u0000b', 'ab', 'ab\u0100'];
    expect(new Set(texts.map((text) => hash(text).join())).size).toBe(texts.length);
  });

  it('is another one in every instance, so that nobody outside can look for texts that collide', () => {
    const [one, two] = [new KeyedHash(), new KeyedHash()];
    one.of('ip:192.0.2.1');
    two.of('ip:192.0.2.1');
    expect([one.h0, one.h1]).not.toEqual([two.h0, two.h1]);
  });
});

/** As the reference implementation of HalfSipHash has it (github.com/veorq/SipHash, halfsiphash.c), with one round for a word and three at the end. */
function halfSipHash13(bytes: Buffer, key: Buffer): [number, number] {
  const turn = (x: number, by: number): number => ((x << by) | (x >>> (32 - by))) >>> 0;
  const v = [key.readUInt32LE(0), key.readUInt32LE(4), 0x6c796765, 0x74656462];
  v[2] = (v[2]! ^ v[0]!) >>> 0;
  v[3] = (v[3]! ^ v[1]!) >>> 0;
  v[1] = (v[1]! ^ 0xee) >>> 0;
  const add = (a: number, b: number): void => void (v[a] = (v[a]! + v[b]!) >>> 0);
  const mix = (a: number, b: number, by: number): void => void (v[a] = (turn(v[a]!, by) ^ v[b]!) >>> 0);
  const round = (): void => {
    add(0, 1);
    mix(1, 0, 5);
    v[0] = turn(v[0]!, 16);
    add(2, 3);
    mix(3, 2, 8);
    add(0, 3);
    mix(3, 0, 7);
    add(2, 1);
    mix(1, 2, 13);
    v[2] = turn(v[2]!, 16);
  };
  const padded = Buffer.alloc((bytes.length & ~3) + 4);
  bytes.copy(padded);
  padded[padded.length - 1] = bytes.length & 0xff;
  for (let at = 0; at < padded.length; at += 4) {
    const word = padded.readUInt32LE(at);
    v[3] = (v[3] ^ word) >>> 0;
    round();
    v[0] = (v[0]! ^ word) >>> 0;
  }
  v[2] = (v[2] ^ 0xee) >>> 0;
  for (let i = 0; i < 3; i++) round();
  const first = (v[1] ^ v[3]) | 0;
  v[1] = (v[1] ^ 0xdd) >>> 0;
  for (let i = 0; i < 3; i++) round();
  return [first, (v[1] ^ v[3]) | 0];
}
