import { drained, overdrawn, roomAbove, undone, waitForMore, waitToFit } from '../algorithms/gcra.js';
import type { Counter } from './counters.js';
import type { Look } from './look.js';
import type { Meter } from './meter.js';
import { COUNT, realOf } from './record-layout.js';
import type { Segment } from './segment.js';
import type { TickClock } from './tick-clock.js';

/** `gcra`: a level, and when it was that high. The look's `used` is the level. */
export class LevelMeter implements Meter {
  readonly hasTicks = false;

  constructor(private readonly clock: TickClock) {}

  measure(look: Look): void {
    const { segment, record, charge } = look;
    look.used = 0;
    if (record < 0) return;
    const { reals } = segment;
    const at = realOf(record);
    look.used = drained(reals[at]!, this.clock.floor - reals[at + 1]!, charge.limit);
  }

  fits(look: Look): boolean {
    return this.retryMs(look) === 0;
  }

  remaining(look: Look): number {
    return look.charge.limit === 0 ? 0 : roomAbove(levelOf(look), look.charge.burst, look.charge.windowMs);
  }

  resetMs(look: Look): number {
    const { limit, burst, windowMs } = look.charge;
    const wait = waitForMore(levelOf(look), limit, burst, windowMs);
    return wait === 0 ? 0 : wait + this.clock.behind;
  }

  retryMs(look: Look): number {
    const { cost, limit, burst, windowMs } = look.charge;
    const wait = waitToFit(levelOf(look), cost, limit, burst, windowMs);
    return wait === 0 ? 0 : wait + this.clock.behind;
  }

  charge(look: Look): number {
    const { cost, windowMs } = look.charge;
    this.measure(look);
    this.write(look, look.used + cost * windowMs);
    return this.clock.floor;
  }

  debit(look: Look): void {
    const { cost, limit, burst, windowMs } = look.charge;
    this.measure(look);
    this.write(look, overdrawn(look.used, cost, limit, burst, windowMs));
  }

  refund({ segment, record, charge }: Look, receipt: number | undefined): void {
    const { reals } = segment;
    const at = realOf(record);
    const lastAt = reals[at + 1]!;
    reals[at] = undone(reals[at]!, charge.cost, receipt ?? lastAt, lastAt, charge.limit, charge.windowMs);
  }

  isOver({ reals }: Segment, record: number, counter: Counter): boolean {
    const at = realOf(record);
    return drained(reals[at]!, this.clock.floor - reals[at + 1]!, counter.leastLimit) === 0;
  }

  private write(look: Look, level: number): void {
    const { segment, record, charge } = look;
    const { reals, records } = segment;
    const at = realOf(record);
    reals[at] = look.used = level;
    reals[at + 1] = this.clock.floor;
    // For the eviction, which asks every kind of record how much of its limit is used.
    records[record + COUNT] = Math.ceil(level / charge.windowMs);
  }
}

const levelOf = ({ used, pending, charge }: Look): number => used + pending * charge.windowMs;
