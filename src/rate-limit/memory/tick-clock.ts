/** A counter's stamps are 32-bit ticks: of 1 ms up to this window (6.2 days), of 64 ms above it, rounded up. */
export const LONGEST_MS_WINDOW = 2 ** 29;
const COARSE_TICK_MS = 64;
/** A tick is 2^shift milliseconds. */
export const FINE = 0;
export const COARSE = 6;
export type TickShift = typeof FINE | typeof COARSE;

export const shiftFor = (windowMs: number): TickShift => (windowMs <= LONGEST_MS_WINDOW ? FINE : COARSE);

export const ticksOf = (windowMs: number, shift: TickShift): number =>
  shift === FINE ? windowMs : Math.ceil(windowMs / COARSE_TICK_MS);

/**
 * A clock in whole milliseconds that never runs backwards, whatever the one it reads does: a step back in the middle
 * of a window would free quota that has been spent. It is read once for each call.
 */
export class TickClock {
  /** Whole milliseconds since the start. */
  floor = 0;
  /** How far the clock has been set back since: what is waited for comes that much later by the clock as it is shown. */
  behind = 0;
  /** The present tick, wrapped around to 32 bits: of 1 ms, and of 64. */
  fineTick = 0;
  coarseTick = 0;
  private readonly start: number;

  constructor(private readonly now: () => number) {
    const first = now();
    this.start = Number.isFinite(first) ? Math.floor(first) : 0;
  }

  /** Milliseconds by the clock that is read, whole: since 1970 if that one tells the time of day. */
  get epochMs(): number {
    return this.start + this.floor;
  }

  /** Whether another millisecond has begun. */
  read(): boolean {
    const shown = this.now() - this.start;
    const whole = Math.floor(shown);
    if (whole === this.floor) {
      this.behind = 0;
      return false;
    }
    if (whole > this.floor && whole < Infinity) {
      this.floor = whole;
      this.behind = 0;
      this.fineTick = whole | 0;
      this.coarseTick = Math.floor(whole / COARSE_TICK_MS) | 0;
      return true;
    }
    // A step back, or no number at all.
    this.behind = Number.isFinite(shown) ? Math.ceil(this.floor - shown) : 0;
    return false;
  }

  tick(shift: TickShift): number {
    return shift === FINE ? this.fineTick : this.coarseTick;
  }

  /** The tick a charge is remembered by, not yet wrapped around. A coarse one is rounded up: it must not be forgotten too early. */
  chargedAt(shift: TickShift): number {
    return shift === FINE ? this.floor : Math.ceil(this.floor / COARSE_TICK_MS);
  }

  /** Whole milliseconds, by the clock as it is shown, until `stamp` has left a window of so many ticks. */
  wait(shift: TickShift, window: number, stamp: number): number {
    const { floor, behind } = this;
    if (shift === FINE) return window - ((this.fineTick - stamp) | 0) + behind;
    const ticks = Math.floor(floor / COARSE_TICK_MS) + window - ((this.coarseTick - stamp) | 0);
    return ticks * COARSE_TICK_MS - floor + behind;
  }
}
