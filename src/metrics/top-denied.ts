import { createHash } from 'node:crypto';
import type { DeniedIdentity } from './metrics-snapshot.js';
import { MAX_NAME_LENGTH } from './metrics.options.js';

const SLOTS = 256;
/** More of an endless identity than this is not even hashed. */
const MAX_HASHED_LENGTH = 4096;

/**
 * Who is denied most, in constant memory, however many different callers are denied.
 *
 * Space-Saving (Metwally, Agrawal, El Abbadi, ICDT 2005): a newcomer takes the slot with the smallest count and goes on
 * counting from there, so whoever has more than a 256th of all denials is in the table. What it went on from is
 * subtracted again before a count is shown.
 */
export class TopDenied {
  private readonly slotOf = new Map<string, number>();
  private readonly keys: string[] = [];
  private readonly labels: (string | undefined)[] = [];
  private readonly counts = new Float64Array(SLOTS);
  private readonly startedFrom = new Float64Array(SLOTS);
  /** The smallest count of a full table, and where the search for it goes on: counts only grow. */
  private floor = 0;
  private cursor = 0;

  /** `labelOf` turns an identity into what may be shown; asked once for each identity that is shown. */
  constructor(private readonly labelOf: (identity: string) => string) {}

  add(identity: string, count = 1): void {
    const slot = this.slotOf.get(identity) ?? this.admit(keyOf(identity));
    this.counts[slot]! += count;
  }

  top(limit: number): DeniedIdentity[] {
    const best: number[] = [];
    for (let slot = 0; slot < this.keys.length; slot++) {
      if (best.length === limit && this.shownCount(slot) <= this.shownCount(best[limit - 1]!)) continue;
      let place = best.length;
      while (place > 0 && this.shownCount(best[place - 1]!) < this.shownCount(slot)) place--;
      best.splice(place, 0, slot);
      if (best.length > limit) best.pop();
    }
    return best.map((slot) => ({
      identity: (this.labels[slot] ??= this.labelOf(this.keys[slot]!)),
      count: this.shownCount(slot),
    }));
  }

  reset(): void {
    this.slotOf.clear();
    this.keys.length = 0;
    this.labels.length = 0;
    this.counts.fill(0);
    this.startedFrom.fill(0);
    this.floor = 0;
    this.cursor = 0;
  }

  private shownCount(slot: number): number {
    return this.counts[slot]! - this.startedFrom[slot]!;
  }

  private admit(key: string): number {
    const known = this.slotOf.get(key);
    if (known !== undefined) return known;
    const slot = this.keys.length < SLOTS ? this.keys.length : this.evict();
    this.keys[slot] = key;
    this.labels[slot] = undefined;
    this.slotOf.set(key, slot);
    return slot;
  }

  private evict(): number {
    while (this.cursor < SLOTS && this.counts[this.cursor]! > this.floor) this.cursor++;
    if (this.cursor === SLOTS) {
      this.floor = this.counts.reduce((least, count) => Math.min(least, count));
      this.cursor = this.counts.indexOf(this.floor);
    }
    const slot = this.cursor;
    this.slotOf.delete(this.keys[slot]!);
    this.startedFrom[slot] = this.counts[slot]!;
    return slot;
  }
}

/** The identity itself, copied so that it keeps no longer string alive; where that cannot be bounded, a hash of it. */
function keyOf(identity: unknown): string {
  const text = typeof identity === 'string' ? identity : 'key:unknown';
  if (text.length <= MAX_NAME_LENGTH) {
    const copy = Buffer.from(text, 'utf8').toString('utf8');
    // A lone surrogate does not survive UTF-8, and the copy would never be found again.
    if (copy === text) return copy;
  }
  const kind = /^[a-z]+:/.exec(text)?.[0] ?? 'key:';
  return kind.slice(0, 16) + createHash('sha256').update(text.slice(0, MAX_HASHED_LENGTH)).digest('hex').slice(0, 32);
}
