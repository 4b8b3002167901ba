/**
 * A clock in whole milliseconds that never runs backwards, whatever the one it reads does: a step back in the middle
 * of a window would free quota that has been spent. It is read once for each call.
 */
export class TickClock {
  /** Whole milliseconds since the start, as `Date.now()` would count them. */
  floor = 0;
  /** What the clock really shows, with its fraction and its steps back: waits are measured from here. */
  shown = 0;
  private readonly start: number;

  constructor(private readonly now: () => number) {
    const first = now();
    this.start = Number.isFinite(first) ? first : 0;
  }

  read(): void {
    const shown = this.now() - this.start;
    if (shown >= this.floor && shown < Infinity) {
      this.shown = shown;
      this.floor = Math.floor(shown);
    } else {
      // A step back, or no number at all.
      this.shown = Number.isFinite(shown) ? shown : this.floor;
    }
  }
}
