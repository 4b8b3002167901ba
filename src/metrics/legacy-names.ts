import { header, series, type ExpositionFormat, type MetricType } from './exposition.js';
import type { MetricsSnapshot } from './metrics-snapshot.js';

/**
 * The metrics of the original (Python) package's example, under its names. Its error types are part of a metric's
 * name; one that a name cannot hold is left out here, for it would make the whole page unreadable.
 */
export function legacyPage(snapshot: MetricsSnapshot, format: ExpositionFormat): string {
  let page = '';
  const add = (type: MetricType, name: string, help: string, value: number): void => {
    page += header({ name, type, help }, format) + series(type === 'counter' ? `${name}_total` : name) + `${value}\n`;
  };
  add('counter', 'auth_tokens_validated', 'Total successfully validated tokens', snapshot.tokensValidated);
  add('counter', 'auth_tokens_failed', 'Total failed token validations', snapshot.tokensFailed);
  add('gauge', 'auth_success_rate', 'Success rate percentage', snapshot.successRate);
  add('gauge', 'auth_validation_duration_avg_ms', 'Average validation time', snapshot.validationTimeAvgMs);
  add('gauge', 'auth_validation_duration_p95_ms', 'P95 validation time', snapshot.validationTimeP95Ms);
  add('gauge', 'auth_validation_duration_p99_ms', 'P99 validation time', snapshot.validationTimeP99Ms);
  for (const [errorType, count] of Object.entries(snapshot.errorsByType)) {
    // Untyped: the name of a counter would have to end in _total.
    if (/^\w+$/.test(errorType)) add('unknown', `auth_errors_${errorType}`, `Count of ${errorType} errors`, count);
  }
  return page;
}
