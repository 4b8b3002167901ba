import { performance } from 'node:perf_hooks';
import { callable, shape } from '../../options/check.js';
import { excess, isGathered, stampAt } from '../algorithms/sliding-window.js';
import { checkMaxKeys, DEFAULT_MAX_KEYS } from '../rate-limit.options.js';
import type { RateLimitAnswer, RateLimitCharge, RateLimitStorage } from '../storage.js';
import { COARSE_TICK_MS, Counters, LONGEST_MS_WINDOW, type Counter } from './counters.js';
import { HitLog } from './hit-log.js';
import { isHeld, KeyTable, type Held } from './key-table.js';
import { KeyedHash } from './keyed-hash.js';
import { Look } from './look.js';
import { BLOCKED, FORM_MASK, FORM_PAIRS, ID_MASK, TAG } from './record-layout.js';
import type { Segment } from './segment.js';
import { StampBlocks } from './stamp-blocks.js';
import { TickClock } from './tick-clock.js';

export interface MemoryRateLimitStorageOptions {
  /** How many counters are held at most: 1 to 50,000,000, about 50 bytes each. @default 1_000_000 */
  maxKeys?: number | undefined;
  /** A clock in milliseconds, wherever it starts. Default: one that no change of the wall clock moves. */
  now?: (() => number) | undefined;
  /** Told the first time that a new key finds no room: see {@link MemoryRateLimitStats.overflowed}. */
  onOverflow?: (() => void) | undefined;
}

/** What the storage says of itself. */
export interface MemoryRateLimitStats {
  /** Counters held now: one for each identity and policy that has been charged lately. */
  readonly keys: number;
  /** Counters that were removed before their time, to make room; they had used at most half of their limit. */
  readonly evicted: number;
  /** Calls that found no room, because every key looked at was blocked or had used more than half, and were counted together in one bucket of their policy. */
  readonly overflowed: number;
}

const checkOptions = shape<MemoryRateLimitStorageOptions>({
  maxKeys: checkMaxKeys,
  now: callable,
  onOverflow: callable,
});

/** The name a policy's blocks are counted under; no policy can have it, because names hold no control characters. */
const blocksOf = (counter: string): string => `${counter}\u0000block`;

/**
 * The counts in the memory of this process: exact, synchronous, without timers. A key that has been charged once
 * costs about 50 bytes, whatever its identity looks like, because only a keyed hash of it is kept. The number of keys
 * is bounded; past the bound what has expired goes first, then what is least used, never what is blocked or has used
 * more than half of its limit. Where nothing may go, new keys share one bucket, which is strict and counted.
 *
 * @example
 * ```ts
 * const limiter = new RateLimiter({ maxRequests: 5 }, new MemoryRateLimitStorage({ maxKeys: 10_000 }));
 * ```
 */
export class MemoryRateLimitStorage implements RateLimitStorage {
  readonly source = 'memory';
  readonly shared = false;
  private readonly maxKeys: number;
  private readonly onOverflow: (() => void) | undefined;
  private readonly clock: TickClock;
  private readonly hash = new KeyedHash();
  private readonly overflow: Held;
  private counters!: Counters;
  private log!: HitLog;
  private table!: KeyTable;
  private looks!: Look[];
  private lastCharge: RateLimitCharge | undefined;
  private lastCounter!: Counter;
  private lastWindow = 0;
  private overflowed = 0;
  private calls = 0;
  private fineTick = 0;
  private coarseTick = 0;
  private lastRead = 0;
  /** Every record has been looked at since then. */
  private lastTurn = 0;
  private turnBegan = 0;
  private turns = 0;

  constructor(options: MemoryRateLimitStorageOptions = {}) {
    checkOptions(options, 'MemoryRateLimitStorage options');
    this.maxKeys = options.maxKeys ?? DEFAULT_MAX_KEYS;
    this.onOverflow = options.onOverflow;
    // Not the time of day: nothing here is told to anybody as a date, and the difference is a third of the clock's cost.
    this.clock = new TickClock(options.now ?? (() => performance.now()));
    this.hash.of('\u0000overflow');
    this.overflow = { h0: this.hash.h0, h1: this.hash.h1 };
    this.clear();
  }

  get stats(): MemoryRateLimitStats {
    return { keys: this.table.size, evicted: this.table.evicted, overflowed: this.overflowed };
  }

  consume(identity: string, charges: readonly RateLimitCharge[]): readonly RateLimitAnswer[] {
    if (charges.length === 1) {
      const answer = this.consumeOne(identity, charges[0]!);
      if (answer !== undefined) return [answer];
    }
    return this.decide(identity, charges, true);
  }

  peek(identity: string, charges: readonly RateLimitCharge[]): readonly RateLimitAnswer[] {
    return this.decide(identity, charges, false);
  }

  refund(
    identity: string,
    charges: readonly RateLimitCharge[],
    receipts?: readonly (number | string | undefined)[],
  ): void {
    this.readClock();
    this.hash.of(identity);
    const { h0, h1 } = this.hash;
    const segment = this.table.segmentOf(h1);
    for (let index = 0; index < charges.length; index++) {
      const charge = charges[index]!;
      const receipt = receipts?.[index];
      // A list of receipts that lacks this one: nothing was charged here.
      if (receipts !== undefined && typeof receipt !== 'number') continue;
      const counter = this.counters.of(charge.counter, charge.windowMs, charge.limit);
      const record = segment.find(h0, h1, counter.id);
      if (record < 0) continue;
      this.log.prune(segment.records, record, this.tickOf(counter), this.ticks(charge.windowMs, counter));
      this.log.remove(segment.records, record, receipt as number | undefined, charge.cost);
    }
  }

  reset(identity: string, counters?: readonly string[]): void {
    this.hash.of(identity);
    const held: Held = { h0: this.hash.h0, h1: this.hash.h1 };
    const ids = counters && this.idsOf(counters);
    this.table.removeWhere(
      [this.table.segmentOf(held.h1)],
      (records, record) =>
        isHeld(records, record, held) && (ids === undefined || ids.has(records[record + TAG]! & ID_MASK)),
    );
  }

  clear(counters?: readonly string[]): void {
    if (counters !== undefined) {
      const ids = this.idsOf(counters);
      this.table.removeWhere(this.table.all, (records, record) => ids.has(records[record + TAG]! & ID_MASK));
      return;
    }
    this.counters = new Counters();
    this.looks = [new Look()];
    this.lastCharge = undefined;
    this.log = new HitLog(new StampBlocks());
    this.table = new KeyTable(this.maxKeys, this.counters, this.log, this.overflow);
  }

  close(): void {
    this.clear();
  }

  /**
   * The common call, one policy without a block, in one go; `undefined` leaves the rarer ones to {@link decide}, which
   * would answer the same.
   */
  private consumeOne(identity: string, charge: RateLimitCharge): RateLimitAnswer | undefined {
    const { cost, limit } = charge;
    if (charge.blockMs !== 0 || cost === 0 || cost > limit) return undefined;
    this.readClock();
    const { hash, table, log } = this;
    hash.of(identity);
    const { h0, h1 } = hash;
    if (this.lastCharge !== charge) this.bind(charge);
    const counter = this.lastCounter;
    const window = this.lastWindow;
    const segment = table.segmentOf(h1);
    let record = segment.find(h0, h1, counter.id);
    if (record < 0) {
      if (table.size >= this.maxKeys) return undefined;
      record = table.insert(segment, h0, h1, counter.id);
      table.sweep(4, this.fineTick, this.coarseTick, hash);
    } else if ((++this.calls & 15) === 0) table.sweep(4, this.fineTick, this.coarseTick, hash);
    const { records } = segment;
    const used = log.prune(records, record, counter.shift === 0 ? this.fineTick : this.coarseTick, window);
    const over = used + cost - limit;
    if (over > 0) {
      const retryAfterMs = this.wait(counter, window, log.nth(records, record, over));
      const resetMs = over === 1 ? retryAfterMs : this.wait(counter, window, log.oldest(records, record));
      return { allowed: false, remaining: Math.max(0, limit - used), resetMs, retryAfterMs, receipt: undefined };
    }
    const stamp = this.charge(records, record, counter, charge, window);
    const resetMs = this.wait(counter, window, used === 0 ? stamp : log.oldest(records, record));
    return { allowed: true, remaining: limit - used - cost, resetMs, retryAfterMs: 0, receipt: stamp };
  }

  private bind(charge: RateLimitCharge): void {
    this.lastCharge = charge;
    this.lastCounter = this.counters.of(charge.counter, charge.windowMs, charge.limit);
    this.lastWindow = this.ticks(charge.windowMs, this.lastCounter);
  }

  /** One step for all policies of one identity: look at each, then charge all or none. */
  private decide(identity: string, charges: readonly RateLimitCharge[], charging: boolean): RateLimitAnswer[] {
    this.readClock();
    const { hash, table } = this;
    hash.of(identity);
    const { h0, h1 } = hash;
    const segment = table.segmentOf(h1);
    const count = charges.length;
    if (count === 0) return [];
    let missing = 0;
    let admitted = true;
    for (let index = 0; index < count; index++) {
      const look = (this.looks[index] ??= new Look());
      this.look(look, charges, index, segment, h0, h1);
      if (!look.fits) admitted = admitted && charges[index]!.shadow;
      else if (look.record < 0) missing++;
    }
    if (missing > 0 && admitted && table.size + missing > this.maxKeys) {
      admitted = this.makeRoom(charges, { h0, h1 }, !charging);
    }
    // The first answer makes the array: one that begins empty takes room for seventeen when it grows.
    const answers = [this.answer(0, charges, charging, admitted, h0, h1)];
    for (let index = 1; index < count; index++) answers.push(this.answer(index, charges, charging, admitted, h0, h1));
    if (charging && (missing > 0 || (++this.calls & 7) === 0)) table.sweep(4, this.fineTick, this.coarseTick);
    return answers;
  }

  private answer(
    index: number,
    charges: readonly RateLimitCharge[],
    charging: boolean,
    admitted: boolean,
    h0: number,
    h1: number,
  ): RateLimitAnswer {
    const look = this.looks[index]!;
    const charge = charges[index]!;
    if (!look.fits) return this.refused(look, charge, charging, h0, h1);
    return charging && admitted ? this.charged(look, charge, h0, h1) : this.fitting(look, charge);
  }

  private look(
    look: Look,
    charges: readonly RateLimitCharge[],
    index: number,
    segment: Segment,
    h0: number,
    h1: number,
  ): void {
    const charge = charges[index]!;
    if (look.charge !== charge) {
      look.charge = charge;
      look.counter = this.counters.of(charge.counter, charge.windowMs, charge.limit);
      look.window = this.ticks(charge.windowMs, look.counter);
    }
    const { counter } = look;
    look.tick = this.tickOf(counter);
    this.count(look, charge, segment, segment.find(h0, h1, counter.id));
    // The same counter twice in one call: what comes first is already spent for what comes after.
    for (let before = 0; before < index; before++) {
      const other = this.looks[before]!;
      if (other.counter !== counter || !other.fits) continue;
      look.used += charges[before]!.cost;
      look.excess = excess(look.used, charge.cost, charge.limit);
    }
    look.blockedMs = charge.blockMs === 0 ? 0 : this.blockedFor(look, charge, segment, h0, h1);
    look.fits = look.excess === 0 && look.blockedMs === 0;
  }

  private count(look: Look, charge: RateLimitCharge, segment: Segment, record: number): void {
    look.segment = segment;
    look.record = record;
    look.used = record < 0 ? 0 : this.log.prune(segment.records, record, look.tick, look.window);
    look.excess = excess(look.used, charge.cost, charge.limit);
  }

  /** Finds a place for each new key, or sends it to the bucket that those without one share. Says whether all still fit. */
  private makeRoom(charges: readonly RateLimitCharge[], held: Held, isTrial: boolean): boolean {
    let planned = 0;
    let admitted = true;
    for (let index = 0; index < charges.length; index++) {
      const look = this.looks[index]!;
      if (!look.fits || look.record >= 0) continue;
      planned++;
      if (this.table.size + planned <= this.maxKeys) continue;
      if (this.table.evict(this.fineTick, this.coarseTick, held, isTrial)) continue;
      planned--;
      const { h0, h1 } = this.overflow;
      const segment = this.table.segmentOf(h1);
      this.count(look, charges[index]!, segment, segment.find(h0, h1, look.counter.id));
      if (look.record < 0) look.record = this.table.insert(segment, h0, h1, look.counter.id);
      look.fits = look.excess === 0;
      if (!look.fits) admitted = admitted && charges[index]!.shadow;
      if (!isTrial && this.overflowed++ === 0) this.onOverflow?.();
    }
    return admitted;
  }

  private charged(look: Look, charge: RateLimitCharge, h0: number, h1: number): RateLimitAnswer {
    const { segment, counter } = look;
    const { cost, limit } = charge;
    if (cost === 0) return this.fitting(look, charge);
    // An earlier charge of the same call may have made the record.
    if (look.record < 0) look.record = segment.find(h0, h1, counter.id);
    if (look.record < 0) look.record = this.table.insert(segment, h0, h1, counter.id);
    const { records } = segment;
    const receipt = this.charge(records, look.record, counter, charge, look.window);
    const resetMs = this.waitFor(look, this.log.oldest(records, look.record));
    return { allowed: true, remaining: limit - look.used - cost, resetMs, retryAfterMs: 0, receipt };
  }

  /** Writes the charge into its log; returns the stamp it is found by. */
  private charge(
    records: Int32Array,
    record: number,
    counter: Counter,
    { limit, cost }: RateLimitCharge,
    window: number,
  ): number {
    const stamp = stampAt(this.chargedAt(counter), limit, window) | 0;
    this.log.push(records, record, stamp, cost, isGathered(limit));
    // Gathered with others, it may have got a later stamp than it came with.
    return (records[record + TAG]! & FORM_MASK) === FORM_PAIRS ? this.log.newest(records, record) : stamp;
  }

  private fitting(look: Look, charge: RateLimitCharge): RateLimitAnswer {
    const remaining = Math.max(0, charge.limit - look.used);
    return { allowed: true, remaining, resetMs: this.resetOf(look), retryAfterMs: 0, receipt: undefined };
  }

  private refused(look: Look, charge: RateLimitCharge, charging: boolean, h0: number, h1: number): RateLimitAnswer {
    let { blockedMs } = look;
    // A refusal while blocked does not begin the block anew: whoever waits as long as told would still be refused.
    if (charging && blockedMs === 0 && charge.blockMs > 0) blockedMs = this.block(look, charge, h0, h1);
    const windowMs = this.retryOf(look);
    const remaining = blockedMs > 0 ? 0 : Math.max(0, charge.limit - look.used);
    const resetMs = charge.limit === 0 ? Infinity : Math.max(blockedMs, this.resetOf(look));
    return { allowed: false, remaining, resetMs, retryAfterMs: Math.max(blockedMs, windowMs), receipt: undefined };
  }

  private resetOf(look: Look): number {
    if (look.record < 0) return 0;
    const { records } = look.segment;
    return this.log.isEmpty(records, look.record) ? 0 : this.waitFor(look, this.log.oldest(records, look.record));
  }

  private retryOf(look: Look): number {
    if (look.excess === 0 || look.excess === Infinity) return look.excess;
    const { log } = this;
    const { records } = look.segment;
    const held = look.record < 0 ? 0 : log.size(records, look.record);
    // More has to leave than is there only when an earlier charge of the same call is in the way.
    if (look.excess > held) return this.waitFor(look, look.tick);
    return this.waitFor(look, log.nth(records, look.record, look.excess));
  }

  private blockedFor(look: Look, charge: RateLimitCharge, segment: Segment, h0: number, h1: number): number {
    const counter = this.counters.of(blocksOf(charge.counter), charge.blockMs, 1);
    const record = segment.find(h0, h1, counter.id);
    const ticks = this.ticks(charge.blockMs, counter);
    const { records } = segment;
    if (record >= 0 && this.log.prune(records, record, this.tickOf(counter), ticks) > 0) {
      return this.wait(counter, ticks, this.log.oldest(records, record));
    }
    if (look.record >= 0) records[look.record + TAG] = records[look.record + TAG]! & ~BLOCKED;
    return 0;
  }

  /** Begins a block; returns how long it lasts. Where there is no room for it, there is none: the window still holds. */
  private block(look: Look, charge: RateLimitCharge, h0: number, h1: number): number {
    const { table, log } = this;
    if (table.isFull && !table.evict(this.fineTick, this.coarseTick, { h0, h1 }, false)) return 0;
    const segment = table.segmentOf(h1);
    const counter = this.counters.of(blocksOf(charge.counter), charge.blockMs, 1);
    let record = segment.find(h0, h1, counter.id);
    if (record < 0) record = table.insert(segment, h0, h1, counter.id);
    const stamp = this.chargedAt(counter) | 0;
    log.push(segment.records, record, stamp, 1, false);
    if (look.record >= 0 && look.segment === segment) {
      segment.records[look.record + TAG] = segment.records[look.record + TAG]! | BLOCKED;
    }
    return this.wait(counter, this.ticks(charge.blockMs, counter), stamp);
  }

  private waitFor(look: Look, stamp: number): number {
    return this.wait(look.counter, look.window, stamp);
  }

  /** Whole milliseconds, by the clock as it is shown, until `stamp` has left a window of so many ticks. */
  private wait(counter: Counter, window: number, stamp: number): number {
    const { floor, behind } = this.clock;
    if (counter.shift === 0) return window - ((this.fineTick - stamp) | 0) + behind;
    const ticks = Math.floor(floor / COARSE_TICK_MS) + window - ((this.coarseTick - stamp) | 0);
    return ticks * COARSE_TICK_MS - floor + behind;
  }

  /** The tick a charge is remembered by, not yet wrapped around. A coarse one is rounded up: it must not be forgotten too early. */
  private chargedAt(counter: Counter): number {
    const { floor } = this.clock;
    return counter.shift === 0 ? floor : Math.ceil(floor / COARSE_TICK_MS);
  }

  private tickOf(counter: Counter): number {
    return counter.shift === 0 ? this.fineTick : this.coarseTick;
  }

  private ticks(windowMs: number, counter: Counter): number {
    return counter.shift === 0 ? windowMs : Math.ceil(windowMs / COARSE_TICK_MS);
  }

  private readClock(): void {
    const { clock } = this;
    clock.read();
    if (clock.floor === this.lastRead) return;
    this.fineTick = clock.floor | 0;
    this.coarseTick = Math.floor(clock.floor / COARSE_TICK_MS) | 0;
    // Ticks wrap around. Long before a stamp can be taken for a young one, everything is looked at once.
    if (this.table.turns !== this.turns) {
      this.turns = this.table.turns;
      this.lastTurn = this.turnBegan;
      this.turnBegan = clock.floor;
    }
    if (clock.floor - this.lastTurn > LONGEST_MS_WINDOW) {
      this.table.sweepAll(this.fineTick, this.coarseTick, clock.floor - this.lastRead > LONGEST_MS_WINDOW);
      this.lastTurn = this.turnBegan = clock.floor;
    }
    this.lastRead = clock.floor;
  }

  private idsOf(names: readonly string[]): Set<number> {
    const ids = new Set<number>();
    for (const name of names) {
      for (const counter of this.counters.named(name)) ids.add(counter.id);
      for (const counter of this.counters.named(blocksOf(name))) ids.add(counter.id);
    }
    return ids;
  }
}
