import { steadyNow } from '../options/clock.js';
import type { CallerKind } from '../request/caller.js';
import type { ExpositionFormat } from './exposition.js';
import { MetricsPage } from './metrics-page.js';
import type { MetricsSnapshot } from './metrics-snapshot.js';
import type { MetricsSource } from './metrics-source.js';
import { MetricsState } from './metrics-state.js';
import { checkMetricsOptions, type MetricsOptions } from './metrics.options.js';
import type { RateLimitOutcome } from './rate-limit-counts.js';
import { snapshotOf } from './snapshot-of.js';

const KINDS: ReadonlySet<unknown> = new Set<CallerKind>(['human', 'm2m', 'unknown', 'anonymous']);

/**
 * Counts what happens to tokens, limits, callers and audit events, in constant memory, and tells it as a snapshot or
 * as a page for Prometheus. Nothing that is recorded can throw, whatever it is; recording waits for nothing.
 *
 * The module provides one; it also works on its own, with `new`.
 *
 * @example
 * ```ts
 * const metrics = new MetricsCollector();
 * metrics.recordValidationSuccess(4.2);
 * metrics.recordValidationFailure('expired_token', 1.3);
 * metrics.getMetrics().successRate; // 50
 * ```
 */
export class MetricsCollector implements MetricsSource {
  /** @internal For the bridges of other entry points, which read what is counted and never write. */
  readonly state: MetricsState;
  private readonly now: () => number;
  private readonly pages: Partial<Record<ExpositionFormat, MetricsPage>> = {};
  /** @internal For whoever writes a page of several collectors. */
  readonly legacyNames: boolean;

  /**
   * @param options Who may read the endpoint is no concern of the collector; the rest is.
   * @param now The clock, in epoch milliseconds.
   * @throws OptionsError if an option is not what it should be.
   */
  constructor(options: MetricsOptions = {}, now: () => number = steadyNow) {
    checkMetricsOptions(options, 'metrics');
    this.now = now;
    this.state = new MetricsState(options);
    this.state.startedAtMs = now();
    this.legacyNames = options.legacyNames ?? false;
  }

  /**
   * A token was valid. `durationMs` is how long it took to find out, 0 to a day, in milliseconds; without one the
   * validation counts, untimed. Anything else is counted too, and its time under `auth_metrics_invalid_durations_total`.
   */
  recordValidationSuccess(durationMs?: number): void {
    this.state.succeeded++;
    if (durationMs !== undefined) this.state.durations.record(durationMs);
  }

  /**
   * A token was refused. `errorType` is cut to 120 characters; beyond `maxErrorTypes` different ones it counts as
   * `_other`, and what is no name at all as `unknown`. `durationMs` as in {@link recordValidationSuccess}.
   */
  recordValidationFailure(errorType: string, durationMs?: number): void {
    this.state.failed++;
    this.state.errors.slotOf(errorType).count++;
    if (durationMs !== undefined) this.state.durations.record(durationMs);
  }

  /** The limiter decided. `identity`, with its kind in front (`user:…`), is kept of denials only, and never a label. */
  recordRateLimit(policy: string, outcome: RateLimitOutcome, identity?: string): void {
    this.state.rateLimit.add(policy, outcome, identity);
  }

  /** A request is over; who made it. */
  recordCaller(kind: CallerKind): void {
    this.state.callers[KINDS.has(kind) ? kind : 'unknown']++;
  }

  /** Counts audit events that reached a sink. */
  recordAuditWritten(count = 1): void {
    if (isCount(count)) this.state.auditWritten += count;
  }

  /** Counts audit events that were lost, by reason. */
  recordAuditDropped(reason: string, count = 1): void {
    if (!isCount(count)) return;
    this.state.auditDropped += count;
    this.state.dropReasons.slotOf(reason).count += count;
  }

  /** The memory storage had no place for a caller, who was counted in the bucket that all such share. */
  recordRateLimitOverflow(): void {
    this.state.rateLimit.overflowed++;
  }

  /** The store of the limiter's counts is up or down, as of now. */
  recordStoreState(state: 'up' | 'down'): void {
    if (state === 'down' && this.state.storeState === 'up') this.state.storeOutages++;
    this.state.storeState = state === 'down' ? 'down' : 'up';
  }

  /** What has been counted so far, as plain values. */
  getMetrics(): MetricsSnapshot {
    return snapshotOf(this.state, this.now());
  }

  /**
   * Starts again from zero: all counts, times, error types, policies and identities; `uptimeSeconds` too. Only the
   * state of the store stays. To Prometheus it looks like a restart, which `rate()` and `increase()` allow for: what
   * was counted since the last scrape is lost to them, and nothing else.
   */
  reset(): void {
    this.state.reset(this.now());
  }

  /** The page for Prometheus: its text format 0.0.4, or OpenMetrics 1.0.0. @defaultValue `{ format: 'text' }` */
  toPrometheus(options: { format?: ExpositionFormat | undefined } = {}): string {
    const format = options.format === 'openmetrics' ? 'openmetrics' : 'text';
    // Prepared when first asked for: most processes are scraped in one format.
    return (this.pages[format] ??= new MetricsPage(this.state, format, this.legacyNames)).write();
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
