import { excess, isGathered, stampAt } from '../algorithms/sliding-window.js';
import type { Counter } from './counters.js';
import type { HitLog } from './hit-log.js';
import type { Look } from './look.js';
import type { Meter } from './meter.js';
import { FORM_MASK, FORM_PAIRS, TAG } from './record-layout.js';
import type { Segment } from './segment.js';
import type { TickClock } from './tick-clock.js';

/** `sliding-window` and `concurrency`: a log of stamps. To a lease its stamp is when it was taken. */
export class LogMeter implements Meter {
  readonly hasTicks = true;

  constructor(
    private readonly clock: TickClock,
    private readonly log: HitLog,
  ) {}

  measure(look: Look): void {
    const { segment, record, counter, window } = look;
    look.used = record < 0 ? 0 : this.log.prune(segment.records, record, this.clock.tick(counter.shift), window);
  }

  fits(look: Look): boolean {
    return excess(look.used + look.pending, look.charge.cost, look.charge.limit) === 0;
  }

  remaining(look: Look): number {
    return Math.max(0, look.charge.limit - look.used - look.pending);
  }

  resetMs({ charge, segment, record, counter, window, used }: Look): number {
    if (charge.limit === 0) return Infinity;
    return used === 0 ? 0 : this.clock.wait(counter.shift, window, this.log.oldest(segment.records, record));
  }

  retryMs(look: Look): number {
    const { charge, segment, record, counter, window, used } = look;
    const mustLeave = excess(used + look.pending, charge.cost, charge.limit);
    if (mustLeave === 0 || mustLeave === Infinity) return mustLeave;
    // More has to leave than is there only when an earlier charge of the same call is in the way.
    const { shift } = counter;
    const stamp = mustLeave > used ? this.clock.tick(shift) : this.log.nth(segment.records, record, mustLeave);
    return this.clock.wait(shift, window, stamp);
  }

  charge(look: Look): number {
    const { charge, segment, record, counter, window } = look;
    look.used += charge.cost;
    return this.write(segment.records, record, counter, charge.limit, charge.cost, window);
  }

  debit({ charge, segment, record, counter, window }: Look): void {
    const { records } = segment;
    // The newest `limit` units decide; what is older could only make the log longer.
    const cost = Math.min(charge.cost, charge.limit);
    if (cost === 0) return;
    this.log.dropOldest(records, record, this.log.size(records, record) + cost - charge.limit);
    this.write(records, record, counter, charge.limit, cost, window);
  }

  refund({ charge, segment, record }: Look, receipt: number | undefined): void {
    this.log.remove(segment.records, record, receipt, charge.cost);
  }

  isOver({ records }: Segment, record: number, counter: Counter): boolean {
    if (this.log.isEmpty(records, record)) return true;
    return ((this.clock.tick(counter.shift) - this.log.newest(records, record)) | 0) >= counter.retention;
  }

  /** Returns the stamp that was written: gathered with others, it may be a later one than the charge came with. */
  write(records: Int32Array, record: number, counter: Counter, limit: number, cost: number, window: number): number {
    const stamp = stampAt(this.clock.chargedAt(counter.shift), limit, window) | 0;
    this.log.push(records, record, stamp, cost, isGathered(limit));
    return (records[record + TAG]! & FORM_MASK) === FORM_PAIRS ? this.log.newest(records, record) : stamp;
  }
}
