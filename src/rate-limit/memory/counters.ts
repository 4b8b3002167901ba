/** A counter's stamps are 32-bit ticks: of 1 ms up to this window (6.2 days), of 64 ms above it, rounded up. */
export const LONGEST_MS_WINDOW = 2 ** 29;
export const COARSE_TICK_MS = 64;
const COARSE_SHIFT = 6;
const MAX_COUNTERS = 65_536;

/** What the table knows of one counter, whoever is counted in it. */
export class Counter {
  /** No log of this counter is needed after this many ticks: the longest window it was asked with. */
  retention = 0;
  /** The smallest limit it was asked with: a key that has used more than half of it is never evicted. */
  leastLimit = 0x7fffffff;

  constructor(
    readonly id: number,
    readonly name: string,
    /** A tick is 2^shift milliseconds: 1, or {@link COARSE_TICK_MS}. */
    readonly shift: number,
  ) {}
}

/** Counter names to small numbers. Names are of policies, so they are few; identities never come here. */
export class Counters {
  private readonly fine = new Map<string, Counter>();
  private readonly coarse = new Map<string, Counter>();
  private readonly byId: Counter[] = [];

  at(id: number): Counter {
    return this.byId[id]!;
  }

  /** The counter for this window and limit, which it remembers. */
  of(name: string, windowMs: number, limit: number): Counter {
    const isFine = windowMs <= LONGEST_MS_WINDOW;
    const found = (isFine ? this.fine : this.coarse).get(name) ?? this.add(name, isFine);
    const ticks = isFine ? windowMs : Math.ceil(windowMs / COARSE_TICK_MS);
    if (ticks > found.retention) found.retention = ticks;
    if (limit < found.leastLimit && limit > 0) found.leastLimit = limit;
    return found;
  }

  /** Both counters of a name, as far as they exist. */
  named(name: string): Counter[] {
    return [this.fine.get(name), this.coarse.get(name)].filter((counter) => counter !== undefined);
  }

  private add(name: string, isFine: boolean): Counter {
    if (this.byId.length === MAX_COUNTERS) {
      throw new RangeError(
        `The memory storage knows ${MAX_COUNTERS} policies and takes no more. A policy's name is for the policy: put what varies from call to call into the identity.`,
      );
    }
    const counter = new Counter(this.byId.length, name, isFine ? 0 : COARSE_SHIFT);
    this.byId.push(counter);
    (isFine ? this.fine : this.coarse).set(name, counter);
    return counter;
  }
}
