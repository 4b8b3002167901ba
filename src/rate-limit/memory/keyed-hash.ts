import { randomBytes } from 'node:crypto';

/**
 * HalfSipHash-1-3 with 64 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the half
 * variant is the one Linux uses for hash tables). The keys are random for each instance, so that nobody outside can
 * choose texts that collide. Two different texts share a hash once in 2^64.
 *
 * A text whose units all fit a byte is hashed as those bytes, four to a word; any other as the bytes of its UTF-16
 * units, under a key of its own, so that the two kinds never mean the same message.
 *
 * The answer is left in `h0` and `h1`: an object for each call would cost more than the hash.
 */
export class KeyedHash {
  h0 = 0;
  h1 = 0;
  private readonly narrowKey: Key;
  private readonly wideKey: Key;

  /** @param keys 16 bytes: the key of narrow texts, then the one of wide texts. */
  constructor(keys: Buffer = randomBytes(16)) {
    this.narrowKey = { k0: keys.readInt32LE(0), k1: keys.readInt32LE(4) };
    this.wideKey = { k0: keys.readInt32LE(8), k1: keys.readInt32LE(12) };
  }

  of(text: string): void {
    if (!this.mix(text, this.narrowKey)) this.mix(Buffer.from(text, 'utf16le').toString('latin1'), this.wideKey);
  }

  /** False if a unit does not fit a byte; nothing has been answered then. */
  private mix(text: string, { k0, k1 }: Key): boolean {
    let v0 = k0;
    let v1 = k1 ^ 0xee;
    let v2 = 0x6c796765 ^ k0;
    let v3 = 0x74656462 ^ k1;
    const { length } = text;
    const whole = length & ~3;
    let units = 0;
    let i = 0;
    for (; i < whole; i += 4) {
      const a = text.charCodeAt(i);
      const b = text.charCodeAt(i + 1);
      const c = text.charCodeAt(i + 2);
      const d = text.charCodeAt(i + 3);
      units |= a | b | c | d;
      const word = a | (b << 8) | (c << 16) | (d << 24);
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = (v1 << 5) | (v1 >>> 27);
      v1 ^= v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = (v3 << 8) | (v3 >>> 24);
      v3 ^= v2;
      v0 = (v0 + v3) | 0;
      v3 = (v3 << 7) | (v3 >>> 25);
      v3 ^= v0;
      v2 = (v2 + v1) | 0;
      v1 = (v1 << 13) | (v1 >>> 19);
      v1 ^= v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    let last = length << 24;
    for (; i < length; i++) {
      const unit = text.charCodeAt(i);
      units |= unit;
      last |= unit << ((i & 3) << 3);
    }
    if (units > 0xff) return false;
    v3 ^= last;
    let first = 0;
    // One round for the last word, three to finish the first half of the output, three more for the second.
    for (let round = 0; round < 7; round++) {
      v0 = (v0 + v1) | 0;
      v1 = (v1 << 5) | (v1 >>> 27);
      v1 ^= v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = (v3 << 8) | (v3 >>> 24);
      v3 ^= v2;
      v0 = (v0 + v3) | 0;
      v3 = (v3 << 7) | (v3 >>> 25);
      v3 ^= v0;
      v2 = (v2 + v1) | 0;
      v1 = (v1 << 13) | (v1 >>> 19);
      v1 ^= v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      if (round === 0) {
        v0 ^= last;
        v2 ^= 0xee;
      } else if (round === 3) {
        first = (v1 ^ v3) | 0;
        v1 ^= 0xdd;
      }
    }
    this.h0 = first;
    this.h1 = (v1 ^ v3) | 0;
    return true;
  }
}

interface Key {
  readonly k0: number;
  readonly k1: number;
}
