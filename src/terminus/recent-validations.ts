import { MIN_EXPONENT, SCHEMA } from '../metrics/exponential-scale.js';
import type { MetricsState } from '../metrics/metrics-state.js';

/** What a collector had counted at one moment. */
interface Mark {
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Durations by bucket of the exponential scale. */
  readonly durations: ReadonlyMap<number, number>;
}

export interface RecentFigures {
  readonly tokens: number;
  /** 0 to 100; undefined without a token. */
  readonly successRate: number | undefined;
  /** Undefined without a validation that came with a time. */
  readonly p95Ms: number | undefined;
}

/**
 * What was counted lately, from totals that only grow: the difference to a mark that is one to two windows old. Two marks
 * are enough, in turn, and they are made when somebody asks: no timer, and nothing is recorded twice.
 */
export class RecentValidations {
  private base: Mark | undefined;
  private next: Mark | undefined;

  constructor(
    private readonly state: MetricsState,
    private readonly windowMs: number,
  ) {}

  figures(nowMs: number): RecentFigures {
    const now = markOf(this.state, nowMs);
    // The collector was reset: what the marks hold is no part of its totals any more.
    if (this.next?.startedAtMs !== now.startedAtMs) this.base = this.next = undefined;
    if (this.next === undefined) this.next = now;
    else if (nowMs - this.next.atMs >= this.windowMs) {
      this.base = this.next;
      this.next = now;
    }
    return difference(now, this.base);
  }
}

function markOf({ startedAtMs, succeeded, failed, durations }: MetricsState, atMs: number): Mark {
  return { atMs, startedAtMs, succeeded, failed, durations: new Map(durations.occupied()) };
}

function difference(now: Mark, base: Mark | undefined): RecentFigures {
  const succeeded = now.succeeded - (base?.succeeded ?? 0);
  const tokens = succeeded + now.failed - (base?.failed ?? 0);
  const counts = Array.from(
    now.durations,
    ([index, count]) => [index, count - (base?.durations.get(index) ?? 0)] as const,
  );
  return { tokens, successRate: tokens === 0 ? undefined : (succeeded / tokens) * 100, p95Ms: p95Of(counts) };
}

/** In the middle of the bucket that holds it: at most a quarter of a percent off. */
function p95Of(counts: readonly (readonly [index: number, count: number])[]): number | undefined {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const rank = Math.floor(total * 0.95);
  let before = 0;
  for (const [index, count] of counts) {
    before += count;
    if (before > rank) return 1000 * 2 ** (MIN_EXPONENT + (index - 0.5) / 2 ** SCHEMA);
  }
  return undefined;
}
