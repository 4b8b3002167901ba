/**
 * The sliding window, exactly: no window of the given length, wherever it begins, holds more than the limit. Each
 * charge leaves a stamp; a stamp is live for one window; a charge fits while the live ones and its cost are within
 * the limit. Everything here is arithmetic on whole ticks; where stamps are kept is the storage's business.
 *
 * Above {@link EXACT_UP_TO} requests a window, one stamp for each would be long: they are gathered into steps of
 * 1/128 of the window, and each is rounded up to the end of its step. A charge is then never forgotten too early, and
 * at most 1/128 of the window too late. (With 1/64, which would do too, a client at 110 % of its limit gets 98.9 % of
 * it through; with 1/128, 99.4 %.)
 */

/** Up to this limit each charge has a stamp of its own. */
export const EXACT_UP_TO = 1024;
export const STEPS_PER_WINDOW = 128;

export const isGathered = (limit: number): boolean => limit > EXACT_UP_TO;

/** The tick a charge at `tick` is remembered by. */
export function stampAt(tick: number, limit: number, windowTicks: number): number {
  if (!isGathered(limit)) return tick;
  const step = Math.max(1, Math.floor(windowTicks / STEPS_PER_WINDOW));
  return Math.ceil(tick / step) * step;
}

/** How many of the oldest live charges must leave before `cost` fits; 0 when it fits, `Infinity` when it never will. */
export function excess(used: number, cost: number, limit: number): number {
  if (limit === 0 || cost > limit) return Infinity;
  return Math.max(0, used + cost - limit);
}

/** Whole milliseconds, rounded up so that no quota is over-drawn; the epsilon keeps 1.1 s from becoming 1101 ms. */
export function wholeMs(seconds: number): number {
  return Math.max(seconds > 0 ? 1 : 0, Math.ceil(seconds * 1000 - 1e-6));
}
