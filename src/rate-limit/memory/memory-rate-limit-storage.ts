import { callable, shape } from '../../options/check.js';
import { steadyMilliseconds } from '../../options/clock.js';
import { metersOf } from '../algorithms/index.js';
import { checkMaxKeys, DEFAULT_MAX_KEYS } from '../rate-limit.options.js';
import type { RateLimitAnswer, RateLimitCharge, RateLimitStorage } from '../storage.js';
import { AllOrNone } from './all-or-none.js';
import { Blocks, blocksOf } from './blocks.js';
import { Counters } from './counters.js';
import { Finder } from './finder.js';
import { HitLog } from './hit-log.js';
import { isHeld, KeyTable, type Held } from './key-table.js';
import { KeyedHash } from './keyed-hash.js';
import { LogMeter } from './log-meter.js';
import { Look } from './look.js';
import { ID_MASK, TAG } from './record-layout.js';
import { StampBlocks } from './stamp-blocks.js';
import { LONGEST_MS_WINDOW, TickClock } from './tick-clock.js';

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

/** How often the table is tended: each so many calls. */
const TEND_EVERY = 16;

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
  private readonly onOverflow: () => void;
  private readonly clock: TickClock;
  private readonly hash = new KeyedHash();
  private readonly overflow: Held;
  private look!: Look;
  private counters!: Counters;
  private log!: HitLog;
  private meter!: LogMeter;
  private table!: KeyTable;
  private finder!: Finder;
  private allOrNone!: AllOrNone;
  private overflowed = 0;
  private calls = 0;
  private lastMoved = 0;
  /** Every record has been looked at since then. */
  private lastTurn = 0;
  private turnBegan = 0;
  private turns = 0;

  constructor(options: MemoryRateLimitStorageOptions = {}) {
    checkOptions(options, 'MemoryRateLimitStorage options');
    this.maxKeys = options.maxKeys ?? DEFAULT_MAX_KEYS;
    this.onOverflow = () => {
      this.overflowed++;
      options.onOverflow?.();
    };
    this.clock = new TickClock(options.now ?? steadyMilliseconds());
    this.hash.of('\u0000overflow');
    this.overflow = { h0: this.hash.h0, h1: this.hash.h1 };
    this.clear();
  }

  get stats(): MemoryRateLimitStats {
    return { keys: this.table.size, evicted: this.table.evicted, overflowed: this.overflowed };
  }

  /** Charges all policies of one identity, or none. */
  consume(identity: string, charges: readonly RateLimitCharge[]): readonly RateLimitAnswer[] {
    this.readClock();
    const { hash } = this;
    hash.of(identity);
    if ((++this.calls & (TEND_EVERY - 1)) === 0) this.table.tend();
    if (charges.length === 1) {
      const answer = this.consumeOne(hash, charges[0]!);
      if (answer !== undefined) return [answer];
    }
    return this.allOrNone.decide(hash, charges, true);
  }

  peek(identity: string, charges: readonly RateLimitCharge[]): readonly RateLimitAnswer[] {
    this.readClock();
    this.hash.of(identity);
    return this.allOrNone.decide(this.hash, charges, false);
  }

  refund(
    identity: string,
    charges: readonly RateLimitCharge[],
    receipts?: readonly (number | string | undefined)[],
  ): void {
    this.readClock();
    const { hash, look } = this;
    hash.of(identity);
    const segment = this.table.segmentOf(hash.h1);
    for (let index = 0; index < charges.length; index++) {
      const receipt = receipts?.[index];
      // A list of receipts that lacks this one: nothing was charged here.
      if (receipts !== undefined && typeof receipt !== 'number') continue;
      this.finder.lookAt(look, charges[index]!, segment, hash);
      if (look.record >= 0) look.counter.meter.refund(look, receipt as number | undefined);
    }
  }

  debit(identity: string, charges: readonly RateLimitCharge[]): void {
    this.readClock();
    const { hash, look, table } = this;
    hash.of(identity);
    const segment = table.segmentOf(hash.h1);
    for (const charge of charges) {
      if (charge.cost === 0) continue;
      this.finder.lookAt(look, charge, segment, hash);
      if (look.record < 0 && table.roomLeft <= 0 && !table.evict(hash, false)) this.finder.useOverflow(look);
      this.finder.ensureRecord(look, hash);
      look.counter.meter.debit(look);
    }
  }

  reset(identity: string, counters?: readonly string[]): void {
    const { hash } = this;
    hash.of(identity);
    const ids = counters && this.idsOf(counters);
    this.table.removeWhere(
      [this.table.segmentOf(hash.h1)],
      (records, record) =>
        isHeld(records, record, hash) && (ids === undefined || ids.has(records[record + TAG]! & ID_MASK)),
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
    this.finder = new Finder(this.counters, this.table, this.overflow);
    const blocks = new Blocks(clock, this.counters, this.table, this.log, this.meter);
    this.allOrNone = new AllOrNone(this.finder, this.table, blocks, this.onOverflow);
    this.look = new Look();
  }

  /** Forgets every count. */
  close(): void {
    this.clear();
  }

  /**
   * The common call, one log without a block, in one go; `undefined` leaves the rarer ones to {@link AllOrNone}, which
   * would answer the same.
   */
  private consumeOne({ h0, h1 }: Held, charge: RateLimitCharge): RateLimitAnswer | undefined {
    const { look, table, log, clock } = this;
    if (look.charge !== charge) this.finder.bind(look, charge);
    if (!look.isPlain) return undefined;
    const { counter, window } = look;
    const { shift } = counter;
    const { cost, limit } = charge;
    const segment = table.segmentOf(h1);
    let record = segment.find(h0, h1, counter.id);
    if (record < 0) {
      if (table.roomLeft <= 0) return undefined;
      record = table.insert(segment, h0, h1, counter.id);
    }
    const { records } = segment;
    const used = log.prune(records, record, clock.tick(shift), window);
    const over = used + cost - limit;
    if (over > 0) {
      const retryAfterMs = clock.wait(shift, window, log.nth(records, record, over));
      const resetMs = over === 1 ? retryAfterMs : clock.wait(shift, window, log.oldest(records, record));
      return { allowed: false, remaining: Math.max(0, limit - used), resetMs, retryAfterMs, receipt: undefined };
    }
    const stamp = this.meter.write(records, record, counter, limit, cost, window);
    const resetMs = clock.wait(shift, window, used === 0 ? stamp : log.oldest(records, record));
    return { allowed: true, remaining: limit - used - cost, resetMs, retryAfterMs: 0, receipt: stamp };
  }

  private readClock(): void {
    if (this.clock.read()) this.watchTicks();
  }

  /** Ticks wrap around. Long before a stamp can be taken for a young one, everything is looked at once. */
  private watchTicks(): void {
    const { table } = this;
    const { floor } = this.clock;
    if (table.turns !== this.turns) {
      this.turns = table.turns;
      this.lastTurn = this.turnBegan;
      this.turnBegan = floor;
    }
    if (floor - this.lastTurn > LONGEST_MS_WINDOW) {
      table.sweepAll(floor - this.lastMoved > LONGEST_MS_WINDOW);
      this.lastTurn = this.turnBegan = floor;
    }
    this.lastMoved = floor;
  }

  private idsOf(names: readonly string[]): Set<number> {
    const counters = names.flatMap((name) => [...this.counters.named(name), ...this.counters.named(blocksOf(name))]);
    return new Set(counters.map(({ id }) => id));
  }
}
