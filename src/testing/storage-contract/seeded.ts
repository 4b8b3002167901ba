/** Mulberry32: numbers that look random and are the same for the same seed, so that a failure can be run again. */
export class Seeded {
  constructor(private state: number) {}

  /** At least 0, below 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Whole, from `low` to `high`. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  of<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)]!;
  }

  /** Some of them, at least one, in any order. */
  some<T>(values: readonly T[]): T[] {
    const left = [...values];
    return Array.from(
      { length: this.whole(1, values.length) },
      () => left.splice(this.whole(0, left.length - 1), 1)[0]!,
    );
  }
}
