import type { RateLimitCharge } from '../storage.js';
import type { Counters } from './counters.js';
import type { Held, KeyTable } from './key-table.js';
import type { Look } from './look.js';
import type { Segment } from './segment.js';
import { ticksOf } from './tick-clock.js';

/** Finds the records that charges mean, and makes them. */
export class Finder {
  constructor(
    private readonly counters: Counters,
    private readonly table: KeyTable,
    /** What those without a place of their own are counted as. */
    private readonly overflow: Held,
  ) {}

  /** Which counter the charge means; asked for the same one again, the look remembers. */
  bind(look: Look, charge: RateLimitCharge): void {
    if (look.charge === charge) return;
    const { counter, algorithm, windowMs, limit, burst, blockMs, cost } = charge;
    look.charge = charge;
    look.counter = this.counters.of(counter, algorithm, windowMs, Math.min(limit, burst));
    look.window = ticksOf(windowMs, look.counter.shift);
    look.isPlain = look.counter.meter.hasTicks && blockMs === 0 && cost > 0 && cost <= limit;
  }

  lookAt(look: Look, charge: RateLimitCharge, segment: Segment, { h0, h1 }: Held): void {
    this.bind(look, charge);
    look.segment = segment;
    look.record = segment.find(h0, h1, look.counter.id);
    look.pending = 0;
    look.counter.meter.measure(look);
  }

  /** Looks at the bucket that those without a place share instead. */
  useOverflow(look: Look): void {
    const { overflow } = this;
    look.segment = this.table.segmentOf(overflow.h1);
    look.record = -1;
    this.ensureRecord(look, overflow);
    look.counter.meter.measure(look);
  }

  ensureRecord(look: Look, { h0, h1 }: Held): void {
    if (look.record >= 0) return;
    // An earlier charge of the same call may have made it.
    look.record = look.segment.find(h0, h1, look.counter.id);
    if (look.record < 0) look.record = this.table.insert(look.segment, h0, h1, look.counter.id);
  }
}
