import { callable, shape } from '../../options/check.js';
import { steadyNow } from '../../options/clock.js';
import { metersOf } from '../algorithms/index.js';
import { checkMaxKeys, DEFAULT_MAX_KEYS } from '../rate-limit.options.js';
import type { RateLimitAnswer, RateLimitCharge, RateLimitStorage } from '../storage.js';
import { Blocks, blocksOf } from './blocks.js';
import { Counters, type Counter } from './counters.js';
import { HitLog } from './hit-log.js';
import { isHeld, KeyTable, type Held } from './key-table.js';
import { KeyedHash } from './keyed-hash.js';
import { LogMeter } from './log-meter.js';
import { Look } from './look.js';
import { ID_MASK, TAG } from './record-layout.js';
import type { Segment } from './segment.js';
import { StampBlocks } from './stamp-blocks.js';
import { LONGEST_MS_WINDOW, TickClock, ticksOf } from './tick-clock.js';

/** The bounds of a {@link MemoryRateLimitStorage}, and its clock. */
export interface MemoryRateLimitStorageOptions {
  /** How many counters are held at most: 1 to 50,000,000, about 50 bytes each. @default 1_000_000 */
  maxKeys?: number | undefined;
  /** A clock in epoch milliseconds; fixed windows are aligned to it. Default: one that no change of the wall clock moves. */
  now?: (() => number) | undefined;
  /** Told each time that a new key finds no room: see {@link MemoryRateLimitStats.overflowed}. */
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
  private meter!: LogMeter;
  private table!: KeyTable;
  private blocks!: Blocks;
  private looks!: Look[];
  private overflowed = 0;
  private calls = 0;
  private lastRead = 0;
  /** Every record has been looked at since then. */
  private lastTurn = 0;
  private turnBegan = 0;
  private turns = 0;

  constructor(options: MemoryRateLimitStorageOptions = {}) {
    checkOptions(options, 'MemoryRateLimitStorage options');
    this.maxKeys = options.maxKeys ?? DEFAULT_MAX_KEYS;
    this.onOverflow = options.onOverflow;
    this.clock = new TickClock(options.now ?? steadyNow);
    this.hash.of('\u0000overflow');
    this.overflow = { h0: this.hash.h0, h1: this.hash.h1 };
    this.clear();
  }

  get stats(): MemoryRateLimitStats {
    return { keys: this.table.size, evicted: this.table.evicted, overflowed: this.overflowed };
  }

  /** Charges all policies of one identity, or none. */
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
    const look = this.looks[0]!;
    for (let index = 0; index < charges.length; index++) {
      const receipt = receipts?.[index];
      // A list of receipts that lacks this one: nothing was charged here.
      if (receipts !== undefined && typeof receipt !== 'number') continue;
      this.lookAt(look, charges[index]!, segment, h0, h1);
      if (look.record >= 0) look.counter.meter.refund(look, receipt as number | undefined);
    }
  }

  debit(identity: string, charges: readonly RateLimitCharge[]): void {
    this.readClock();
    this.hash.of(identity);
    const { h0, h1 } = this.hash;
    const segment = this.table.segmentOf(h1);
    const look = this.looks[0]!;
    for (const charge of charges) {
      if (charge.cost === 0) continue;
      this.lookAt(look, charge, segment, h0, h1);
      if (look.record < 0 && this.table.isFull && !this.table.evict({ h0, h1 }, false)) this.useOverflow(look);
      this.ensureRecord(look, h0, h1);
      look.counter.meter.debit(look);
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
    const { clock } = this;
    this.log = new HitLog(new StampBlocks());
    this.meter = new LogMeter(clock, this.log);
    this.counters = new Counters(metersOf({ clock, log: this.meter }));
    this.table = new KeyTable(this.maxKeys, this.counters, this.log, this.overflow);
    this.blocks = new Blocks(clock, this.counters, this.table, this.log, this.meter);
    this.looks = [new Look()];
  }

  /** Forgets every count. */
  close(): void {
    this.clear();
  }

  /**
   * The common call, one log without a block, in one go; `undefined` leaves the rarer ones to {@link decide}, which
   * would answer the same.
   */
  private consumeOne(identity: string, charge: RateLimitCharge): RateLimitAnswer | undefined {
    const { cost, limit } = charge;
    if (charge.blockMs !== 0 || cost === 0 || cost > limit) return undefined;
    const look = this.looks[0]!;
    if (look.charge !== charge) this.bind(look, charge);
    const { counter, window } = look;
    if (!counter.meter.hasTicks) return undefined;
    this.readClock();
    const { hash, table, log, clock } = this;
    hash.of(identity);
    const { h0, h1 } = hash;
    const segment = table.segmentOf(h1);
    let record = segment.find(h0, h1, counter.id);
    if (record < 0) {
      if (table.size >= this.maxKeys) return undefined;
      record = table.insert(segment, h0, h1, counter.id);
      table.sweep(4, hash);
    } else if ((++this.calls & 15) === 0) table.sweep(4, hash);
    const { records } = segment;
    const used = log.prune(records, record, clock.tick(counter.shift), window);
    const over = used + cost - limit;
    if (over > 0) {
      const retryAfterMs = clock.wait(counter.shift, window, log.nth(records, record, over));
      const resetMs = over === 1 ? retryAfterMs : clock.wait(counter.shift, window, log.oldest(records, record));
      return { allowed: false, remaining: Math.max(0, limit - used), resetMs, retryAfterMs, receipt: undefined };
    }
    const stamp = this.meter.write(records, record, counter, limit, cost, window);
    const resetMs = clock.wait(counter.shift, window, used === 0 ? stamp : log.oldest(records, record));
    return { allowed: true, remaining: limit - used - cost, resetMs, retryAfterMs: 0, receipt: stamp };
  }

  /** One step for all policies of one identity: look at each, then charge all or none. */
  private decide(identity: string, charges: readonly RateLimitCharge[], charging: boolean): RateLimitAnswer[] {
    const count = charges.length;
    if (count === 0) return [];
    this.readClock();
    const { hash, table } = this;
    hash.of(identity);
    const { h0, h1 } = hash;
    const segment = table.segmentOf(h1);
    let missing = 0;
    let admitted = true;
    for (let index = 0; index < count; index++) {
      const charge = charges[index]!;
      const look = (this.looks[index] ??= new Look());
      this.lookAt(look, charge, segment, h0, h1);
      look.pending = this.pendingBefore(index, look.counter);
      look.blockedMs = charge.blockMs === 0 ? 0 : this.blocks.left(look, h0, h1);
      look.fits = look.blockedMs === 0 && look.counter.meter.fits(look);
      if (!look.fits) admitted = admitted && charge.shadow;
      else if (look.record < 0) missing++;
    }
    if (missing > 0 && admitted && table.size + missing > this.maxKeys) {
      admitted = this.makeRoom(charges, { h0, h1 }, !charging);
    }
    // The first answer makes the array: one that begins empty takes room for seventeen when it grows.
    const answers = [this.answer(this.looks[0]!, charging, admitted, h0, h1)];
    for (let index = 1; index < count; index++) {
      answers.push(this.answer(this.looks[index]!, charging, admitted, h0, h1));
    }
    if (charging && (missing > 0 || (++this.calls & 7) === 0)) table.sweep(4);
    return answers;
  }

  private bind(look: Look, charge: RateLimitCharge): void {
    const { counter, algorithm, windowMs, limit, burst } = charge;
    look.charge = charge;
    look.counter = this.counters.of(counter, algorithm, windowMs, Math.min(limit, burst));
    look.window = ticksOf(windowMs, look.counter.shift);
  }

  private lookAt(look: Look, charge: RateLimitCharge, segment: Segment, h0: number, h1: number): void {
    if (look.charge !== charge) this.bind(look, charge);
    look.segment = segment;
    look.record = segment.find(h0, h1, look.counter.id);
    look.pending = 0;
    look.counter.meter.measure(look);
  }

  /** The same counter twice in one call: what comes first is already spent for what comes after. */
  private pendingBefore(index: number, counter: Counter): number {
    let pending = 0;
    for (let before = 0; before < index; before++) {
      const other = this.looks[before]!;
      if (other.counter === counter && other.fits) pending += other.charge.cost;
    }
    return pending;
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
      if (this.table.evict(held, isTrial)) continue;
      planned--;
      this.useOverflow(look);
      look.fits = look.counter.meter.fits(look);
      if (!look.fits) admitted = admitted && charges[index]!.shadow;
      if (isTrial) continue;
      this.overflowed++;
      this.onOverflow?.();
    }
    return admitted;
  }

  private useOverflow(look: Look): void {
    const { h0, h1 } = this.overflow;
    look.segment = this.table.segmentOf(h1);
    look.record = look.segment.find(h0, h1, look.counter.id);
    if (look.record < 0) look.record = this.table.insert(look.segment, h0, h1, look.counter.id);
    look.counter.meter.measure(look);
  }

  private ensureRecord(look: Look, h0: number, h1: number): void {
    if (look.record >= 0) return;
    // An earlier charge of the same call may have made it.
    look.record = look.segment.find(h0, h1, look.counter.id);
    if (look.record < 0) look.record = this.table.insert(look.segment, h0, h1, look.counter.id);
  }

  private answer(look: Look, charging: boolean, admitted: boolean, h0: number, h1: number): RateLimitAnswer {
    if (!look.fits) return this.refused(look, charging, h0, h1);
    const { meter } = look.counter;
    let receipt: number | undefined;
    if (charging && admitted && look.charge.cost > 0) {
      this.ensureRecord(look, h0, h1);
      receipt = meter.charge(look);
    }
    return {
      allowed: true,
      remaining: meter.remaining(look),
      resetMs: meter.resetMs(look),
      retryAfterMs: 0,
      receipt,
    };
  }

  private refused(look: Look, charging: boolean, h0: number, h1: number): RateLimitAnswer {
    const { charge, counter } = look;
    const { meter } = counter;
    let { blockedMs } = look;
    // A refusal while blocked does not begin the block anew: whoever waits as long as told would still be refused.
    if (charging && blockedMs === 0 && charge.blockMs > 0) blockedMs = this.blocks.begin(look, h0, h1);
    return {
      allowed: false,
      remaining: blockedMs > 0 ? 0 : meter.remaining(look),
      resetMs: Math.max(blockedMs, meter.resetMs(look)),
      retryAfterMs: Math.max(blockedMs, meter.retryMs(look)),
      receipt: undefined,
    };
  }

  private readClock(): void {
    const { clock } = this;
    clock.read();
    if (clock.floor === this.lastRead) return;
    // Ticks wrap around. Long before a stamp can be taken for a young one, everything is looked at once.
    if (this.table.turns !== this.turns) {
      this.turns = this.table.turns;
      this.lastTurn = this.turnBegan;
      this.turnBegan = clock.floor;
    }
    if (clock.floor - this.lastTurn > LONGEST_MS_WINDOW) {
      this.table.sweepAll(clock.floor - this.lastRead > LONGEST_MS_WINDOW);
      this.lastTurn = this.turnBegan = clock.floor;
    }
    this.lastRead = clock.floor;
  }

  private idsOf(names: readonly string[]): Set<number> {
    const counters = names.flatMap((name) => [...this.counters.named(name), ...this.counters.named(blocksOf(name))]);
    return new Set(counters.map(({ id }) => id));
  }
}
