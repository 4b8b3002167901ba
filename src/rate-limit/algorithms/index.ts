import { LevelMeter } from '../memory/level-meter.js';
import type { LogMeter } from '../memory/log-meter.js';
import type { Meter } from '../memory/meter.js';
import type { TickClock } from '../memory/tick-clock.js';
import { WindowMeter } from '../memory/window-meter.js';

/** What the memory storage has for its meters: a clock, and the one log of stamps that several algorithms keep. */
interface MeterParts {
  readonly clock: TickClock;
  readonly log: LogMeter;
}

/** The algorithms, one line each: its name, and the part of the memory storage that counts by it. */
const ALGORITHMS = {
  'sliding-window': ({ log }) => log,
  gcra: ({ clock }) => new LevelMeter(clock),
  'fixed-window': ({ clock }) => new WindowMeter(clock),
  concurrency: ({ log }) => log,
} as const satisfies Readonly<Record<string, (parts: MeterParts) => Meter>>;

/** How a policy counts: `sliding-window`, `gcra`, `fixed-window`, `concurrency`. */
export type RateLimitAlgorithm = keyof typeof ALGORITHMS;

export const RATE_LIMIT_ALGORITHMS = Object.keys(ALGORITHMS) as readonly RateLimitAlgorithm[];

/** A meter for each of them. */
export function metersOf(parts: MeterParts): Readonly<Record<RateLimitAlgorithm, Meter>> {
  const meters = Object.entries(ALGORITHMS).map(([name, make]) => [name, make(parts)]);
  return Object.fromEntries(meters) as Record<RateLimitAlgorithm, Meter>;
}
