import type { Counter } from './counters.js';
import type { Look } from './look.js';
import type { Segment } from './segment.js';

/**
 * One algorithm on the records of the table. `measure` comes first and leaves in the look what the others need; those
 * that write need a record. Times are whole milliseconds by the clock as it is shown.
 */
export interface Meter {
  /** Its records hold ticks, which wrap around. */
  readonly hasTicks: boolean;
  measure(look: Look): void;
  /** Whether the charge's cost fits on top of what was measured and what is pending. */
  fits(look: Look): boolean;
  /** Whole units that could still be spent. */
  remaining(look: Look): number;
  /** Until there are more of them. */
  resetMs(look: Look): number;
  /** Until the charge fits; 0 when it does, `Infinity` when it never will. */
  retryMs(look: Look): number;
  /** Spends the cost, in the record and in the look; returns what `refund` finds it by. */
  charge(look: Look): number;
  /** Spends the cost whether it fits or not. */
  debit(look: Look): void;
  /** Takes the cost of one charge back; without a receipt of the most recent ones. */
  refund(look: Look, receipt: number | undefined): void;
  /** Nothing in the record counts any more. */
  isOver(segment: Segment, record: number, counter: Counter): boolean;
}
