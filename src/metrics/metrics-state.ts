import type { CallerKind } from '../request/caller.js';
import { CappedNames } from './capped-names.js';
import { DurationHistogram } from './duration-histogram.js';
import { errorTypeCounts, type ErrorTypeCount } from './error-types.js';
import { series } from './exposition.js';
import { DEFAULT_MAX_ERROR_TYPES, type MetricsOptions } from './metrics.options.js';
import { RateLimitCounts } from './rate-limit-counts.js';

export class DropReasonCount {
  count = 0;
  readonly series: string;

  constructor(reason: string) {
    this.series = series('auth_audit_events_dropped_total', { reason });
  }
}

/** Everything that is counted, as the collector writes it and the page, the snapshot and the bridges read it. */
export class MetricsState {
  startedAtMs = 0;
  succeeded = 0;
  failed = 0;
  readonly durations = new DurationHistogram();
  readonly errors: CappedNames<ErrorTypeCount>;
  readonly rateLimit: RateLimitCounts;
  readonly callers: Record<CallerKind, number> = { human: 0, m2m: 0, unknown: 0, anonymous: 0 };
  auditWritten = 0;
  auditDropped = 0;
  readonly dropReasons: CappedNames<DropReasonCount>;
  /** A state and no count: it stays as it is when the counts are reset. */
  storeState: 'up' | 'down' = 'up';
  storeOutages = 0;

  /** `maxNames` bounds policies and drop reasons; for error types there is an option. */
  constructor(options: MetricsOptions, maxNames: number = DEFAULT_MAX_ERROR_TYPES) {
    this.errors = errorTypeCounts(options);
    this.rateLimit = new RateLimitCounts(options, maxNames);
    this.dropReasons = new CappedNames([], maxNames, (reason) => new DropReasonCount(reason));
  }

  reset(nowMs: number): void {
    this.startedAtMs = nowMs;
    this.succeeded = 0;
    this.failed = 0;
    this.durations.reset();
    this.errors.reset();
    this.rateLimit.reset();
    for (const kind of Object.keys(this.callers)) this.callers[kind as CallerKind] = 0;
    this.auditWritten = 0;
    this.auditDropped = 0;
    this.dropReasons.reset();
    this.storeOutages = 0;
  }
}
