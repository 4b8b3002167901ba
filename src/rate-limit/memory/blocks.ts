import type { RateLimitCharge } from '../storage.js';
import type { Counter, Counters } from './counters.js';
import type { HitLog } from './hit-log.js';
import type { Held, KeyTable } from './key-table.js';
import type { LogMeter } from './log-meter.js';
import type { Look } from './look.js';
import { BLOCKED, TAG } from './record-layout.js';
import { ticksOf, type TickClock } from './tick-clock.js';

/** The name a policy's blocks are counted under; no policy can have it, because names hold no control characters. */
export const blocksOf = (counter: string): string => `${counter}\u0000block`;

/** Who is refused for a while after a refusal: a log of one stamp beside the record itself, which goes on as it is. */
export class Blocks {
  constructor(
    private readonly clock: TickClock,
    private readonly counters: Counters,
    private readonly table: KeyTable,
    private readonly log: HitLog,
    private readonly meter: LogMeter,
  ) {}

  /** How long the block still lasts; 0 if there is none. */
  left(look: Look, { h0, h1 }: Held): number {
    const { segment, charge } = look;
    const { records } = segment;
    const counter = this.counterOf(charge);
    const record = segment.find(h0, h1, counter.id);
    const ticks = ticksOf(charge.blockMs, counter.shift);
    if (record >= 0 && this.log.prune(records, record, this.clock.tick(counter.shift), ticks) > 0) {
      return this.clock.wait(counter.shift, ticks, this.log.oldest(records, record));
    }
    if (look.record >= 0) records[look.record + TAG] = records[look.record + TAG]! & ~BLOCKED;
    return 0;
  }

  /** Begins a block; returns how long it lasts. Where there is no room for it, there is none: the limit still holds. */
  begin(look: Look, held: Held): number {
    const { charge } = look;
    const { h0, h1 } = held;
    const counter = this.counterOf(charge);
    const segment = this.table.segmentOf(h1);
    let record = segment.find(h0, h1, counter.id);
    if (record < 0) {
      if (this.table.roomLeft <= 0 && !this.table.evict(held, false)) return 0;
      record = this.table.insert(segment, h0, h1, counter.id);
    }
    const ticks = ticksOf(charge.blockMs, counter.shift);
    const stamp = this.meter.write(segment.records, record, counter, 1, 1, ticks);
    if (look.record >= 0 && look.segment === segment) {
      segment.records[look.record + TAG] = segment.records[look.record + TAG]! | BLOCKED;
    }
    return this.clock.wait(counter.shift, ticks, stamp);
  }

  private counterOf({ counter, blockMs }: RateLimitCharge): Counter {
    return this.counters.of(blocksOf(counter), 'sliding-window', blockMs, 1);
  }
}
