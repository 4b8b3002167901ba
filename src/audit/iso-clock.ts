/** Epoch milliseconds, read once for the process and moved on by a clock that no correction of the wall clock moves. */
export const monotonicNow = (): number => performance.timeOrigin + performance.now();

/** Timestamps as text. `Date.toISOString()` costs as much as the rest of an event: the second is kept, only the milliseconds are new. */
export class IsoClock {
  private second = Number.NaN;
  private prefix = '';

  constructor(readonly now: () => number = monotonicNow) {}

  stamp(): string {
    const ms = Math.floor(this.now());
    const second = Math.floor(ms / 1000);
    if (second !== this.second) {
      this.prefix = new Date(second * 1000).toISOString().slice(0, -4);
      this.second = second;
    }
    const rest = ms - second * 1000;
    return `${this.prefix}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`;
  }
}
