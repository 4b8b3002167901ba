import type { MetricsSnapshot } from './metrics-snapshot.js';
import type { MetricsState } from './metrics-state.js';

const TOP_DENIED = 10;

export function snapshotOf(state: MetricsState, nowMs: number): MetricsSnapshot {
  const { succeeded, failed, durations, rateLimit, callers } = state;
  const [p50, p95, p99] = durations.quantilesMs(0.5, 0.95, 0.99) as [number, number, number];
  const elapsedMs = nowMs - state.startedAtMs;
  return {
    // Also 0 for a clock that was set back, or answers nonsense.
    uptimeSeconds: elapsedMs > 0 ? elapsedMs / 1000 : 0,
    tokensValidated: succeeded,
    tokensFailed: failed,
    totalTokens: succeeded + failed,
    successRate: succeeded === 0 ? 0 : (succeeded / (succeeded + failed)) * 100,
    validationTimeAvgMs: durations.meanMs,
    validationTimeP50Ms: p50,
    validationTimeP95Ms: p95,
    validationTimeP99Ms: p99,
    errorsByType: errorsByType(state),
    rateLimit: {
      allowed: rateLimit.total('allowed'),
      denied: rateLimit.total('denied'),
      shadowDenied: rateLimit.total('shadow_denied'),
      overflowed: rateLimit.overflowed,
      topDenied: rateLimit.topDenied?.top(TOP_DENIED) ?? [],
    },
    callers: { human: callers.human, m2m: callers.m2m, unknown: callers.unknown, anonymous: callers.anonymous },
    audit: { written: state.auditWritten, dropped: state.auditDropped },
    store: { state: state.storeState, outages: state.storeOutages },
  };
}

function errorsByType(state: MetricsState): Record<string, number> {
  const errors: Record<string, number> = {};
  for (const [errorType, { count }] of state.errors.entries()) {
    if (count === 0) continue;
    // Assigning to this one name would set the prototype instead.
    if (errorType === '__proto__') Object.defineProperty(errors, errorType, { value: count, enumerable: true });
    else errors[errorType] = count;
  }
  return errors;
}
