import { randomBytes } from 'node:crypto';

/**
 * HalfSipHash-1-3 with 64 bits of output over the UTF-16 units of a text (Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", 2012; the half variant is the one Linux uses for hash tables). The key is random for each
 * instance, so that nobody outside can choose texts that collide. Two different texts share a hash once in 2^64.
 *
 * The answer is left in `h0` and `h1`: an object for each call would cost more than the hash.
 */
export class KeyedHash {
  h0 = 0;
  h1 = 0;
  private readonly k0: number;
  private readonly k1: number;

  constructor(key: Buffer = randomBytes(8)) {
    this.k0 = key.readInt32LE(0);
    this.k1 = key.readInt32LE(4);
  }

  of(text: string): void {
    const { k0, k1 } = this;
    let v0 = k0;
    let v1 = k1 ^ 0xee;
    let v2 = 0x6c796765 ^ k0;
    let v3 = 0x74656462 ^ k1;
    const length = text.length;
    const even = length & ~1;
    for (let i = 0; i < even; i += 2) {
      const m = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16);
      v3 ^= m;
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
      v0 ^= m;
    }
    const last = (length << 24) | (length & 1 ? text.charCodeAt(even) : 0);
    v3 ^= last;
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
        this.h0 = (v1 ^ v3) | 0;
        v1 ^= 0xdd;
      }
    }
    this.h1 = (v1 ^ v3) | 0;
  }
}
