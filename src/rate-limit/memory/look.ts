import type { Counter } from './counters.js';
import type { RateLimitCharge } from '../storage.js';
import type { Segment } from './segment.js';

/** What a decision has found out about one charge. Kept and used again: nothing is allocated to look. */
export class Look {
  /** What was asked; the same one again needs no second look at which counter it means. */
  charge: RateLimitCharge | undefined = undefined;
  counter!: Counter;
  segment!: Segment;
  /** Where the record begins, -1 if there is none. */
  record = -1;
  /** The window, in the counter's ticks. */
  window = 0;
  /** Now, in the counter's ticks. */
  tick = 0;
  used = 0;
  /** How much has to leave the window first: 0 if the charge fits, Infinity if it never will. */
  excess = 0;
  /** How long the identity is still blocked here. */
  blockedMs = 0;
  fits = false;
}
