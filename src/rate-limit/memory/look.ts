import type { RateLimitCharge } from '../storage.js';
import type { Counter } from './counters.js';
import type { Segment } from './segment.js';

/** What a decision has found out about one charge. Kept and used again: nothing is allocated to look. */
export class Look {
  /** What was asked; the same one again needs no second look at which counter it means. */
  charge!: RateLimitCharge;
  counter!: Counter;
  /** A log without a block, at a cost that can fit: see `consumeOne` of the storage. */
  isPlain = false;
  segment!: Segment;
  /** Where the record begins, -1 if there is none. */
  record = -1;
  /** The window, in the counter's ticks. */
  window = 0;
  /** How much counts now, in the meter's own measure: units, or a level. */
  used = 0;
  /** What earlier charges of the same call will spend of the same counter. */
  pending = 0;
  /** How long the identity is still blocked here. */
  blockedMs = 0;
  fits = false;
}
