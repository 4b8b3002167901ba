/**
 * The generic cell rate algorithm, as the leaky bucket it is equal to (ITU-T I.371, annex A): a level that each charge
 * raises and time lowers. It lets `limit` requests through in each window at an even pace, and `burst` at once when
 * nothing has been spent for a while. No window holds more than `limit` + `burst`.
 *
 * A level is counted in request-milliseconds: a charge raises it by `cost` × `windowMs`, a millisecond lowers it by
 * `limit`. So all of it is arithmetic on whole numbers, and exact while `burst` × `windowMs` is below 2^53.
 */

/** The level after so much time. */
export function drained(level: number, elapsedMs: number, limit: number): number {
  return Math.max(0, level - elapsedMs * limit);
}

/** Whole requests that fit on top of this level. */
export function roomAbove(level: number, burst: number, windowMs: number): number {
  return Math.max(0, Math.floor((burst * windowMs - level) / windowMs));
}

/** Whole milliseconds until `cost` fits; 0 when it does, `Infinity` when it never will. */
export function waitToFit(level: number, cost: number, limit: number, burst: number, windowMs: number): number {
  if (limit === 0 || cost > burst) return Infinity;
  return Math.max(0, Math.ceil((level + (cost - burst) * windowMs) / limit));
}

/** Whole milliseconds until one request more fits than now; 0 when nothing is spent. */
export function waitForMore(level: number, limit: number, burst: number, windowMs: number): number {
  if (limit === 0) return Infinity;
  if (level === 0) return 0;
  return waitToFit(level, Math.min(burst, roomAbove(level, burst, windowMs) + 1), limit, burst, windowMs);
}

/** The level after late cost. What is spent beyond the burst is waited for, but never longer than a window. */
export function overdrawn(level: number, cost: number, limit: number, burst: number, windowMs: number): number {
  return Math.min(level + cost * windowMs, Math.max(level, (burst + limit) * windowMs));
}

/**
 * The level at `at`, the time of the last charge, without one of `cost` that was made at `chargedAt`. What has flowed
 * off since cannot be given back a second time.
 */
export function undone(
  level: number,
  cost: number,
  chargedAt: number,
  at: number,
  limit: number,
  windowMs: number,
): number {
  return Math.max(0, level - Math.max(0, cost * windowMs - (at - chargedAt) * limit));
}
