/**
 * The fixed window: a count that begins anew at each multiple of the window since 1970-01-01 UTC, so that a minute's
 * begins with the minute and a day's at midnight, for everybody and in every process. Who spends all of one window at
 * its end and all of the next at its start gets twice the limit through at once: for quotas, not for floods.
 */

/** When the window that `epochMs` falls into began. */
export function windowStart(epochMs: number, windowMs: number): number {
  return Math.floor(epochMs / windowMs) * windowMs;
}
