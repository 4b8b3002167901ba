/** One identity that was denied, as `metrics.identities` shows it. */
export interface DeniedIdentity {
  readonly identity: string;
  /** Denials since the identity took its place in the table: never more than there were. */
  readonly count: number;
}

/** What has been counted since the start, or since the last `reset()`. Times are in milliseconds. */
export interface MetricsSnapshot {
  /** Since the collector was made or reset; never negative. */
  readonly uptimeSeconds: number;
  readonly tokensValidated: number;
  readonly tokensFailed: number;
  readonly totalTokens: number;
  /** 0 to 100, not rounded; 0 before the first token. */
  readonly successRate: number;
  /** The mean of the validations that came with a time, successful or not; 0 before the first, as the quantiles. */
  readonly validationTimeAvgMs: number;
  /** Of `n` sorted times the one at index `floor(n * 0.5)`: exact up to 1,024 of them, then at most 0.54 % off. */
  readonly validationTimeP50Ms: number;
  readonly validationTimeP95Ms: number;
  readonly validationTimeP99Ms: number;
  /** Only types that occurred; those beyond `metrics.maxErrorTypes` under `_other`. */
  readonly errorsByType: Readonly<Record<string, number>>;
  readonly rateLimit: {
    readonly allowed: number;
    /** Refused; what a policy in shadow would have refused is not among them. */
    readonly denied: number;
    /** What policies in shadow would have refused. */
    readonly shadowDenied: number;
    /** Calls counted in one bucket together, because `rateLimit.maxKeys` was reached. */
    readonly overflowed: number;
    /** Most denied first, at most ten. */
    readonly topDenied: readonly DeniedIdentity[];
  };
  /** Requests, by who made them. */
  readonly callers: {
    readonly human: number;
    readonly m2m: number;
    readonly unknown: number;
    readonly anonymous: number;
  };
  /** Audit events. */
  readonly audit: { readonly written: number; readonly dropped: number };
  /** The shared store of rate-limit counts: whether it is up, and how often it has gone down. */
  readonly store: { readonly state: 'up' | 'down'; readonly outages: number };
}
