import { number } from '../options/check.js';

const checkMs = number();

/**
 * A clock that stands still until it is told to move. Its `now` goes wherever an option `now` is taken.
 *
 * @example
 * ```ts
 * const clock = new ManualClock();
 * const limiter = new RateLimiter({ maxRequests: 1, windowSeconds: 60 }, new MemoryRateLimitStorage({ now: clock.now }));
 * clock.advance(60_000);
 * ```
 */
export class ManualClock {
  private currentMs: number;

  /** Epoch milliseconds now. A property and no method, so that it can be handed on as it is. */
  readonly now: () => number;

  /** @param startMs Epoch milliseconds at the start. Default: a fixed moment in 2026. */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    checkMs(startMs, 'ManualClock(startMs)');
    this.currentMs = startMs;
    this.now = () => this.currentMs;
  }

  /** Moves the clock by so many milliseconds; backwards too, as a wall clock that is set does. */
  advance(ms: number): void {
    checkMs(ms, 'ManualClock.advance(ms)');
    this.currentMs += ms;
  }
}
