import type { Counters } from './counters.js';
import type { HitLog } from './hit-log.js';
import { BLOCKED, COUNT, FREED, HASH_0, HASH_1, ID_MASK, RECORD_WORDS, TAG } from './record-layout.js';
import { Segment } from './segment.js';
import { FINE } from './tick-clock.js';

const KEYS_PER_SEGMENT = 4096;
const MAX_SEGMENTS = 16_384;
/** How many candidates an eviction weighs, and how many it looks at to find them. */
const SAMPLES = 8;
const LOOKS = 64;

/** What the sweep must not touch because a decision is holding it. */
export interface Held {
  readonly h0: number;
  readonly h1: number;
}

/**
 * Records by identity hash and counter, in segments that grow apart, so that no growth takes long. All records of one
 * identity are in one segment, by the second half of its hash: it can be forgotten without knowing its counters.
 */
export class KeyTable {
  size = 0;
  evicted = 0;
  /** How often the sweep has been all the way round. */
  turns = 0;
  private segments: Segment[];
  private handSegment = 0;
  private handRecord = 0;
  private random = (Math.random() * 0x7fffffff) | 1;

  constructor(
    private readonly maxKeys: number,
    private readonly counters: Counters,
    private readonly log: HitLog,
    /** Never swept: the records that keys without a place of their own share. */
    private readonly overflow: Held,
  ) {
    let count = 1;
    while (count < MAX_SEGMENTS && count * KEYS_PER_SEGMENT < maxKeys) count *= 2;
    this.segments = Array.from({ length: count }, () => new Segment());
  }

  segmentOf(h1: number): Segment {
    return this.segments[(h1 >>> 8) & (this.segments.length - 1)]!;
  }

  get isFull(): boolean {
    return this.size >= this.maxKeys;
  }

  insert(segment: Segment, h0: number, h1: number, id: number): number {
    this.size++;
    return segment.insert(h0, h1, id);
  }

  remove(segment: Segment, record: number): void {
    this.log.forget(segment.records, record);
    segment.remove(record);
    this.size--;
  }

  /** Looks at `steps` records and removes those whose log is over; a segment that has emptied shrinks, unless a decision holds on to records. */
  sweep(steps: number, held?: Held): void {
    for (let step = 0; step < steps; step++) {
      const segment = this.segments[this.handSegment]!;
      if (this.handRecord >= segment.used) {
        if (held === undefined) segment.shrink();
        this.handRecord = 0;
        this.handSegment = (this.handSegment + 1) & (this.segments.length - 1);
        if (this.handSegment === 0) this.turns++;
        continue;
      }
      const record = this.handRecord++ * RECORD_WORDS;
      if (this.isOver(segment, record) && !isHeld(segment.records, record, held)) {
        this.remove(segment, record);
      }
    }
  }

  /** Sweeps everything; with `isIdle` every log of fine ticks is known to be over, however old its stamps look. */
  sweepAll(isIdle: boolean): void {
    for (const segment of this.segments) {
      for (let record = 0; record < segment.used * RECORD_WORDS; record += RECORD_WORDS) {
        const tag = segment.records[record + TAG]!;
        if (tag === FREED) continue;
        const { meter, shift } = this.counters.at(tag & ID_MASK);
        const isForgotten = isIdle && meter.hasTicks && shift === FINE;
        if (isForgotten || this.isOver(segment, record)) this.remove(segment, record);
      }
    }
  }

  /**
   * Makes room for one more key: what has expired goes first, then the least used of some; never one that is blocked or has
   * used more than half. False when none of those looked at may go. With `isTrial` it only says whether there is one.
   */
  evict(held: Held, isTrial: boolean): boolean {
    if (!isTrial) {
      this.sweep(32, held);
      if (!this.isFull) return true;
    }
    let best: Segment | undefined;
    let bestRecord = 0;
    let bestShare = 1;
    for (let look = 0, samples = 0; look < LOOKS && samples < SAMPLES; look++) {
      const segment = this.segments[this.next() & (this.segments.length - 1)]!;
      if (segment.live === 0) continue;
      const record = (this.next() % segment.used) * RECORD_WORDS;
      const { records } = segment;
      const tag = records[record + TAG]!;
      if (tag === FREED || isHeld(records, record, held) || isHeld(records, record, this.overflow)) continue;
      samples++;
      let share = 0;
      if (!this.isOver(segment, record)) {
        share = records[record + COUNT]! / this.counters.at(tag & ID_MASK).leastLimit;
        if (share > 0.5 || (tag & BLOCKED) !== 0) continue;
      }
      if (share >= bestShare) continue;
      best = segment;
      bestRecord = record;
      bestShare = share;
      if (share === 0) break;
    }
    if (best === undefined) return false;
    if (!isTrial) {
      this.remove(best, bestRecord);
      this.evicted++;
    }
    return true;
  }

  /** Removes every record of an identity, or those of some counters of everybody. */
  removeWhere(segments: readonly Segment[], matches: (records: Int32Array, record: number) => boolean): void {
    for (const segment of segments) {
      for (let record = 0; record < segment.used * RECORD_WORDS; record += RECORD_WORDS) {
        if (segment.records[record + TAG] !== FREED && matches(segment.records, record)) this.remove(segment, record);
      }
    }
  }

  get all(): readonly Segment[] {
    return this.segments;
  }

  private isOver(segment: Segment, record: number): boolean {
    const tag = segment.records[record + TAG]!;
    if (tag === FREED || isHeld(segment.records, record, this.overflow)) return false;
    const counter = this.counters.at(tag & ID_MASK);
    return counter.meter.isOver(segment, record, counter);
  }

  /** Xorshift: which keys are weighed must not be guessable from outside, and need not be better than that. */
  private next(): number {
    let x = this.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (this.random = x) >>> 1;
  }
}

export function isHeld(records: Int32Array, record: number, held: Held | undefined): boolean {
  return held !== undefined && records[record + HASH_0] === held.h0 && records[record + HASH_1] === held.h1;
}
