import { excess } from '../algorithms/sliding-window.js';
import { windowStart } from '../algorithms/fixed-window.js';
import type { Counter } from './counters.js';
import type { Look } from './look.js';
import type { Meter } from './meter.js';
import { COUNT, realOf } from './record-layout.js';
import type { Segment } from './segment.js';
import type { TickClock } from './tick-clock.js';

const MAX_COUNT = 0x7fffffff;

/** `fixed-window`: a count, and when its window began. */
export class WindowMeter implements Meter {
  readonly hasTicks = false;

  constructor(private readonly clock: TickClock) {}

  measure(look: Look): void {
    const { segment, record, charge } = look;
    look.used = 0;
    // A count made with another window's length still counts if it began within this one.
    if (record >= 0 && segment.reals[realOf(record)]! >= this.start(charge.windowMs)) {
      look.used = segment.records[record + COUNT]!;
    }
  }

  fits(look: Look): boolean {
    return excess(look.used + look.pending, look.charge.cost, look.charge.limit) === 0;
  }

  remaining(look: Look): number {
    return Math.max(0, look.charge.limit - look.used - look.pending);
  }

  resetMs({ charge, used }: Look): number {
    if (charge.limit === 0) return Infinity;
    return used === 0 ? 0 : this.untilEnd(charge.windowMs);
  }

  retryMs({ charge, used, pending }: Look): number {
    const over = excess(used + pending, charge.cost, charge.limit);
    return over === 0 || over === Infinity ? over : this.untilEnd(charge.windowMs);
  }

  charge(look: Look): number {
    const { segment, record, charge } = look;
    this.measure(look);
    look.used = Math.min(MAX_COUNT, look.used + charge.cost);
    segment.records[record + COUNT] = look.used;
    return (segment.reals[realOf(record)] = this.start(charge.windowMs));
  }

  debit(look: Look): void {
    this.charge(look);
  }

  refund(look: Look, receipt: number | undefined): void {
    const { segment, record, charge } = look;
    this.measure(look);
    if (receipt !== undefined && receipt !== this.start(charge.windowMs)) return;
    segment.records[record + COUNT] = Math.max(0, look.used - charge.cost);
  }

  isOver({ records, reals }: Segment, record: number, counter: Counter): boolean {
    return records[record + COUNT] === 0 || this.clock.epochMs - reals[realOf(record)]! >= counter.retention;
  }

  private start(windowMs: number): number {
    return windowStart(this.clock.epochMs, windowMs);
  }

  private untilEnd(windowMs: number): number {
    return this.start(windowMs) + windowMs - this.clock.epochMs + this.clock.behind;
  }
}
