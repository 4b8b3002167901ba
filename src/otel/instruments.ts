import type { FamilyKey } from '../metrics/metric-families.js';

export interface Instrument {
  readonly name: string;
  /** UCUM; what stands in braces is only said, and no part of a name in Prometheus. */
  readonly unit: string;
  readonly type: 'sum' | 'gauge' | 'histogram';
}

/**
 * The families under names as OpenTelemetry has them. A collector that translates them for Prometheus gets the names of
 * our own page from these, and one dashboard fits both
 * (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/).
 */
export const INSTRUMENTS: Readonly<Record<FamilyKey, Instrument>> = {
  validations: { name: 'auth.token.validations', unit: '{validation}', type: 'sum' },
  errors: { name: 'auth.token.validation.errors', unit: '{error}', type: 'sum' },
  durations: { name: 'auth.token.validation.duration', unit: 's', type: 'histogram' },
  decisions: { name: 'auth.rate_limit.decisions', unit: '{decision}', type: 'sum' },
  // No unit: a gauge of unit 1 would be named …_ratio.
  storeUp: { name: 'auth.rate_limit.store.up', unit: '', type: 'gauge' },
  storeOutages: { name: 'auth.rate_limit.store.outages', unit: '{outage}', type: 'sum' },
  limitOverflow: { name: 'auth.rate_limit.overflow', unit: '{call}', type: 'sum' },
  callers: { name: 'auth.requests.by_caller', unit: '{request}', type: 'sum' },
  audit: { name: 'auth.audit.events', unit: '{event}', type: 'sum' },
  dropped: { name: 'auth.audit.events.dropped', unit: '{event}', type: 'sum' },
  overflow: { name: 'auth.metrics.label.overflow', unit: '{event}', type: 'sum' },
  invalid: { name: 'auth.metrics.invalid.durations', unit: '{duration}', type: 'sum' },
  startTime: { name: 'auth.metrics.start_time', unit: 's', type: 'gauge' },
};
