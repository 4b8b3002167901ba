import {
  COUNT,
  FIRST_BLOCK,
  FORM_INLINE,
  FORM_MASK,
  FORM_PAIRS,
  FORM_STAMPS,
  INLINE,
  INLINE_ROOM,
  LAST_BLOCK,
  OFFSETS,
  OLDEST,
  TAG,
} from './record-layout.js';
import { BLOCK_ROOM, type StampBlocks } from './stamp-blocks.js';

type Entry = [stamp: number, count: number];

/**
 * The log of one record: its live stamps, oldest first, in one of three forms (see record-layout.ts). Ticks wrap
 * around at 2^32, so ages are differences made signed; the table sweeps often enough that none gets old enough to lie.
 */
export class HitLog {
  constructor(private readonly blocks: StampBlocks) {}

  /** Forgets what is `window` ticks old or older; returns how much is left. */
  prune(words: Int32Array, record: number, tick: number, window: number): number {
    const count = words[record + COUNT]!;
    if (count === 0) return 0;
    if ((words[record + TAG]! & FORM_MASK) !== FORM_INLINE) {
      return ((tick - words[record + OLDEST]!) | 0) < window ? count : this.pruneBlocks(words, record, tick, window);
    }
    if (((tick - words[record + INLINE]!) | 0) < window) return count;
    let gone = 1;
    while (gone < count && ((tick - words[record + INLINE + gone]!) | 0) >= window) gone++;
    for (let i = gone; i < count; i++) words[record + INLINE + i - gone] = words[record + INLINE + i]!;
    return (words[record + COUNT] = count - gone);
  }

  /** How much is in the log, live or not. */
  size(words: Int32Array, record: number): number {
    return words[record + COUNT]!;
  }

  isEmpty(words: Int32Array, record: number): boolean {
    return words[record + COUNT] === 0;
  }

  oldest(words: Int32Array, record: number): number {
    return (words[record + TAG]! & FORM_MASK) === FORM_INLINE ? words[record + INLINE]! : words[record + OLDEST]!;
  }

  /** The stamp of the `n`-th unit that was charged, counted from 1 at the oldest; `n` is at most the count. */
  nth(words: Int32Array, record: number, n: number): number {
    const form = words[record + TAG]! & FORM_MASK;
    if (form === FORM_INLINE) return words[record + INLINE + n - 1]!;
    if (n === 1) return words[record + OLDEST]!;
    const { blocks } = this;
    const stride = form === FORM_PAIRS ? 2 : 1;
    let block = words[record + FIRST_BLOCK]!;
    let offset = words[record + OFFSETS]! & 0xff;
    let left = n;
    for (;;) {
      const chunk = blocks.words(block);
      const at = blocks.at(block);
      for (; offset + stride <= BLOCK_ROOM; offset += stride) {
        left -= stride === 2 ? chunk[at + offset + 1]! : 1;
        if (left <= 0) return chunk[at + offset]!;
      }
      block = chunk[at + BLOCK_ROOM]!;
      offset = 0;
    }
  }

  newest(words: Int32Array, record: number): number {
    const form = words[record + TAG]! & FORM_MASK;
    if (form === FORM_INLINE) return words[record + INLINE + words[record + COUNT]! - 1]!;
    const last = words[record + LAST_BLOCK]!;
    return this.blocks.words(last)[
      this.blocks.at(last) + (words[record + OFFSETS]! >> 8) - (form === FORM_PAIRS ? 2 : 1)
    ]!;
  }

  /** Adds `cost` at `stamp`, which no stamp of the log is later than unless they are `gathered` into pairs. */
  push(words: Int32Array, record: number, stamp: number, cost: number, gathered: boolean): void {
    const form = words[record + TAG]! & FORM_MASK;
    const count = words[record + COUNT]!;
    if (form === FORM_INLINE && !gathered && count + cost <= INLINE_ROOM) {
      for (let i = 0; i < cost; i++) words[record + INLINE + count + i] = stamp;
    } else {
      if (form === FORM_INLINE || (gathered && form === FORM_STAMPS)) this.moveToBlocks(words, record, gathered);
      if ((words[record + TAG]! & FORM_MASK) === FORM_PAIRS) this.pushPair(words, record, stamp, cost);
      else for (let i = 0; i < cost; i++) this.append(words, record, stamp, 0, 1);
    }
    words[record + COUNT] = count + cost;
  }

  /** Takes back up to `cost` of what was charged at `stamp`; without a stamp, of the newest. */
  remove(words: Int32Array, record: number, stamp: number | undefined, cost: number): void {
    let left = cost;
    this.rewrite(words, record, (entries) => {
      for (let i = entries.length - 1; i >= 0 && left > 0; i--) {
        const entry = entries[i]!;
        if (stamp !== undefined && entry[0] !== stamp) continue;
        const taken = Math.min(left, entry[1]);
        entry[1] -= taken;
        left -= taken;
      }
    });
  }

  /** Forgets the oldest `count` units. */
  dropOldest(words: Int32Array, record: number, count: number): void {
    if (count <= 0) return;
    let left = count;
    this.rewrite(words, record, (entries) => {
      for (const entry of entries) {
        const taken = Math.min(left, entry[1]);
        entry[1] -= taken;
        left -= taken;
      }
    });
  }

  /** Empties the log and gives its blocks back. */
  forget(words: Int32Array, record: number): void {
    if ((words[record + TAG]! & FORM_MASK) !== FORM_INLINE) {
      const last = words[record + LAST_BLOCK]!;
      let block = words[record + FIRST_BLOCK]!;
      while (block !== last) {
        const next = this.blocks.words(block)[this.blocks.at(block) + BLOCK_ROOM]!;
        this.blocks.release(block);
        block = next;
      }
      this.blocks.release(last);
      words[record + TAG] = words[record + TAG]! & ~FORM_MASK;
    }
    words[record + COUNT] = 0;
  }

  /** What is rare is done the plain way: the whole log read, changed, written again. */
  private rewrite(words: Int32Array, record: number, change: (entries: Entry[]) => void): void {
    const entries = this.entries(words, record);
    const gathered = (words[record + TAG]! & FORM_MASK) === FORM_PAIRS;
    change(entries);
    this.forget(words, record);
    for (const [at, count] of entries) if (count > 0) this.push(words, record, at, count, gathered);
  }

  /** The whole log as stamps with how much was charged at each, oldest first. */
  private entries(words: Int32Array, record: number): Entry[] {
    const form = words[record + TAG]! & FORM_MASK;
    const found: Entry[] = [];
    if (form === FORM_INLINE) {
      for (let i = 0; i < words[record + COUNT]!; i++) found.push([words[record + INLINE + i]!, 1]);
      return found;
    }
    const { blocks } = this;
    const stride = form === FORM_PAIRS ? 2 : 1;
    const last = words[record + LAST_BLOCK]!;
    let block = words[record + FIRST_BLOCK]!;
    let offset = words[record + OFFSETS]! & 0xff;
    for (;;) {
      const chunk = blocks.words(block);
      const at = blocks.at(block);
      const end = block === last ? words[record + OFFSETS]! >> 8 : BLOCK_ROOM - stride + 1;
      for (; offset < end; offset += stride)
        found.push([chunk[at + offset]!, stride === 2 ? chunk[at + offset + 1]! : 1]);
      if (block === last) return found;
      block = chunk[at + BLOCK_ROOM]!;
      offset = 0;
    }
  }

  private pruneBlocks(words: Int32Array, record: number, tick: number, window: number): number {
    const { blocks } = this;
    const stride = (words[record + TAG]! & FORM_MASK) === FORM_PAIRS ? 2 : 1;
    let count = words[record + COUNT]!;
    let block = words[record + FIRST_BLOCK]!;
    let offset = words[record + OFFSETS]! & 0xff;
    let chunk = blocks.words(block);
    let at = blocks.at(block);
    for (;;) {
      const stamp = chunk[at + offset]!;
      if (((tick - stamp) | 0) < window) {
        words[record + FIRST_BLOCK] = block;
        words[record + OFFSETS] = (words[record + OFFSETS]! & ~0xff) | offset;
        words[record + OLDEST] = stamp;
        return (words[record + COUNT] = count);
      }
      count -= stride === 2 ? chunk[at + offset + 1]! : 1;
      if (count === 0) {
        words[record + FIRST_BLOCK] = block;
        this.forget(words, record);
        return 0;
      }
      offset += stride;
      if (offset + stride > BLOCK_ROOM) {
        const next = chunk[at + BLOCK_ROOM]!;
        blocks.release(block);
        block = next;
        offset = 0;
        chunk = blocks.words(block);
        at = blocks.at(block);
      }
    }
  }

  private moveToBlocks(words: Int32Array, record: number, gathered: boolean): void {
    const entries = this.entries(words, record);
    this.forget(words, record);
    const block = this.blocks.allocate();
    words[record + TAG] = words[record + TAG]! | (gathered ? FORM_PAIRS : FORM_STAMPS);
    words[record + FIRST_BLOCK] = block;
    words[record + LAST_BLOCK] = block;
    words[record + OFFSETS] = 0;
    let count = 0;
    for (const [stamp, charged] of entries) {
      words[record + COUNT] = count;
      if (gathered) this.pushPair(words, record, stamp, charged);
      else this.append(words, record, stamp, 0, 1);
      count += charged;
    }
    words[record + COUNT] = count;
  }

  private pushPair(words: Int32Array, record: number, stamp: number, cost: number): void {
    if (words[record + COUNT]! > 0) {
      const last = words[record + LAST_BLOCK]!;
      const chunk = this.blocks.words(last);
      const at = this.blocks.at(last) + (words[record + OFFSETS]! >> 8) - 2;
      // Another window rounds differently: a stamp already there may be later. The later one is the safe one.
      if (((stamp - chunk[at]!) | 0) <= 0) {
        chunk[at + 1] = chunk[at + 1]! + cost;
        return;
      }
    }
    this.append(words, record, stamp, cost, 2);
  }

  private append(words: Int32Array, record: number, stamp: number, cost: number, stride: number): void {
    const { blocks } = this;
    const offsets = words[record + OFFSETS]!;
    let end = offsets >> 8;
    let last = words[record + LAST_BLOCK]!;
    if (end === 0) words[record + OLDEST] = stamp;
    if (end + stride > BLOCK_ROOM) {
      const next = blocks.allocate();
      blocks.words(last)[blocks.at(last) + BLOCK_ROOM] = next;
      words[record + LAST_BLOCK] = last = next;
      end = 0;
    }
    const chunk = blocks.words(last);
    const at = blocks.at(last) + end;
    chunk[at] = stamp;
    if (stride === 2) chunk[at + 1] = cost;
    words[record + OFFSETS] = (offsets & 0xff) | ((end + stride) << 8);
  }
}
