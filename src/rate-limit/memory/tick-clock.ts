/**
 * A clock in whole milliseconds that never runs backwards, whatever the one it reads does: a step back in the middle
 * of a window would free quota that has been spent. It is read once for each call.
 */
export class TickClock {
  /** Whole milliseconds since the start, as `Date.now()` would count them. */
  floor = 0;
  /** How far the clock has been set back since: what is waited for comes that much later by the clock as it is shown. */
  behind = 0;
  private readonly start: number;

  constructor(private readonly now: () => number) {
    const first = now();
    this.start = Number.isFinite(first) ? first : 0;
  }

  read(): void {
    const shown = this.now() - this.start;
    const whole = Math.floor(shown);
    if (whole >= this.floor && whole < Infinity) {
      this.floor = whole;
      this.behind = 0;
    } else {
      // A step back, or no number at all.
      this.behind = Number.isFinite(shown) ? Math.ceil(this.floor - shown) : 0;
    }
  }
}
