import type { Counters } from './counters.js';
import type { HitLog } from './hit-log.js';
import { BLOCKED, COUNT, FREED, HASH_0, HASH_1, ID_MASK, RECORD_WORDS, TAG } from './record-layout.js';
import { Segment } from './segment.js';
import { FINE } from './tick-clock.js';

/** A segment with more is split: so many are moved in well under a millisecond, and its room of 4,096 does for the last calls. */
const MOST_PER_SEGMENT = 4000;
/** Two halves that hold fewer together become one again. */
const LEAST_PER_PAIR = 1024;
/** 2^14 segments of 4,096 are more than any bound allows; only one identity's own counters could fill one further. */
const MAX_DEPTH = 14;
/** How many records are looked at each time, and more for each new one, so that what is over is an eighth of the table at most. */
const LOOKS_AT_ONCE = 4;
const LOOKS_PER_INSERT = 4;
/** How many candidates an eviction weighs, and how many it looks at to find them. */
const SAMPLES = 8;
const LOOKS = 64;

/** What the sweep must not touch because a decision is holding it. */
export interface Held {
  readonly h0: number;
  readonly h1: number;
}

/**
 * Records by identity hash and counter, in segments found by the last bits of the second hash: a segment that gets too
 * large is split by one more bit, so that no growth takes long, and few keys lie close together (extendible hashing:
 * Fagin, Nievergelt, Pippenger, Strong 1979). All records of one identity are in one segment: it can be forgotten
 * without knowing its counters.
 */
export class KeyTable {
  size = 0;
  evicted = 0;
  /** How often the sweep has been all the way round. */
  turns = 0;
  /** The segment of each ending that is told apart; one of fewer bits stands here several times. */
  private directory: Segment[] = [new Segment()];
  /** Keys since the last look at some. */
  private inserted = 0;
  private crowded: Segment | undefined;
  private handSegment = 0;
  private handRecord = 0;
  private random = (Math.random() * 0x7fffffff) | 1;

  constructor(
    private readonly maxKeys: number,
    private readonly counters: Counters,
    private readonly log: HitLog,
    /** Never swept: the records that keys without a place of their own share. */
    private readonly overflow: Held,
  ) {}

  segmentOf(h1: number): Segment {
    return this.directory[h1 & (this.directory.length - 1)]!;
  }

  /** How many keys more may be inserted. */
  get roomLeft(): number {
    return this.maxKeys - this.size;
  }

  insert(segment: Segment, h0: number, h1: number, id: number): number {
    this.size++;
    this.inserted++;
    if (segment.live >= MOST_PER_SEGMENT) this.crowded = segment;
    return segment.insert(h0, h1, id);
  }

  remove(segment: Segment, record: number): void {
    this.log.forget(segment.records, record);
    segment.remove(record);
    this.size--;
  }

  /** Now and then, when nobody holds on to a record: removes what is over, and lets segments divide and join. */
  tend(): void {
    this.sweep(LOOKS_AT_ONCE + this.inserted * LOOKS_PER_INSERT, undefined);
    this.inserted = 0;
    const { crowded } = this;
    if (crowded === undefined) return;
    this.crowded = undefined;
    if (crowded.depth < MAX_DEPTH && this.directory[crowded.bits] === crowded) this.split(crowded);
  }

  /** Looks at `steps` records and removes those whose log is over; with something held, no record moves. */
  private sweep(steps: number, held: Held | undefined): void {
    for (let step = 0; step < steps; step++) {
      const segment = this.directory[this.handSegment]!;
      if (this.handRecord >= segment.used) {
        if (held === undefined) this.compact(segment);
        this.handRecord = 0;
        this.handSegment = (this.handSegment + 1) & (this.directory.length - 1);
        if (this.handSegment === 0) this.turns++;
        continue;
      }
      const record = this.handRecord++ * RECORD_WORDS;
      if (this.isOver(segment, record) && !isHeld(segment.records, record, held)) {
        this.remove(segment, record);
      }
    }
  }

  private split(segment: Segment): void {
    const { depth, bits } = segment;
    const bit = 1 << depth;
    if (bit === this.directory.length) this.directory = [...this.directory, ...this.directory];
    for (const half of [bits, bits | bit]) this.place(Segment.of([segment], depth + 1, half));
  }

  /** Gives the memory of a segment that has emptied back. */
  private compact(segment: Segment): void {
    const { depth, bits } = segment;
    if (depth > 0) {
      const bit = 1 << (depth - 1);
      const other = this.directory[bits ^ bit]!;
      if (other.depth === depth && segment.live + other.live < LEAST_PER_PAIR) {
        this.place(Segment.of([segment, other], depth - 1, bits & ~bit));
        return;
      }
    }
    if (segment.isSparse) this.place(Segment.of([segment], depth, bits));
  }

  private place(segment: Segment): void {
    const step = 1 << segment.depth;
    for (let at = segment.bits; at < this.directory.length; at += step) this.directory[at] = segment;
  }

  /** Sweeps everything; with `isIdle` every log of fine ticks is known to be over, however old its stamps look. */
  sweepAll(isIdle: boolean): void {
    for (const segment of this.all) {
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
      if (this.roomLeft > 0) return true;
    }
    let best: Segment | undefined;
    let bestRecord = 0;
    let bestShare = 1;
    for (let look = 0, samples = 0; look < LOOKS && samples < SAMPLES; look++) {
      const segment = this.directory[this.next() & (this.directory.length - 1)]!;
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
  removeWhere(segments: Iterable<Segment>, matches: (records: Int32Array, record: number) => boolean): void {
    for (const segment of segments) {
      for (let record = 0; record < segment.used * RECORD_WORDS; record += RECORD_WORDS) {
        if (segment.records[record + TAG] !== FREED && matches(segment.records, record)) this.remove(segment, record);
      }
    }
  }

  get all(): Iterable<Segment> {
    return new Set(this.directory);
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
