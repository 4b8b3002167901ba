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

/** Times that somebody else has written, in our form. Most are of the second that was read last. */
export class IsoTimes {
  private second = '\n';

  /** `undefined` if it is no time. */
  of(value: unknown): string | undefined {
    if (typeof value === 'string' && value.startsWith(this.second) && endsInMilliseconds(value)) return value;
    const ms = typeof value === 'string' || value instanceof Date ? new Date(value).getTime() : Number.NaN;
    if (Number.isNaN(ms)) return undefined;
    const iso = new Date(ms).toISOString();
    if (iso.length === 24) this.second = iso.slice(0, 19);
    return iso;
  }
}

/** `.123Z` behind the second. */
function endsInMilliseconds(text: string): boolean {
  if (text.length !== 24 || text.charCodeAt(19) !== 0x2e || text.charCodeAt(23) !== 0x5a) return false;
  for (let index = 20; index < 23; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return false;
  }
  return true;
}
