import type { MetricFamily } from './exposition.js';

/** Every family of metrics, as the page and the bridges of other entry points name it. */
export const FAMILIES = {
  validations: { name: 'auth_token_validations', type: 'counter', help: 'Token validations by result.' },
  errors: { name: 'auth_token_validation_errors', type: 'counter', help: 'Failed token validations by error type.' },
  durations: {
    name: 'auth_token_validation_duration_seconds',
    type: 'histogram',
    help: 'How long token validations took.',
    unit: 'seconds',
  },
  decisions: {
    name: 'auth_rate_limit_decisions',
    type: 'counter',
    help: 'Rate limit decisions by outcome and policy.',
  },
  storeUp: {
    name: 'auth_rate_limit_store_up',
    type: 'gauge',
    help: 'Whether the store of rate limit counts can be reached.',
  },
  storeOutages: {
    name: 'auth_rate_limit_store_outages',
    type: 'counter',
    help: 'How often the store of rate limit counts went down.',
  },
  limitOverflow: {
    name: 'auth_rate_limit_overflow',
    type: 'counter',
    help: 'Calls counted in the bucket that callers without a place in memory share.',
  },
  callers: { name: 'auth_requests_by_caller', type: 'counter', help: 'Finished requests by the kind of caller.' },
  audit: { name: 'auth_audit_events', type: 'counter', help: 'Audit events by outcome.' },
  dropped: {
    name: 'auth_audit_events_dropped',
    type: 'counter',
    help: 'Audit events that were dropped, by reason.',
  },
  overflow: {
    name: 'auth_metrics_label_overflow',
    type: 'counter',
    help: 'Events counted as _other, by the label that was full.',
  },
  invalid: {
    name: 'auth_metrics_invalid_durations',
    type: 'counter',
    help: 'Durations that were not taken, by reason.',
  },
  startTime: {
    name: 'auth_metrics_start_time_seconds',
    type: 'gauge',
    help: 'When counting began, in seconds since the epoch.',
    unit: 'seconds',
  },
} as const satisfies Readonly<Record<string, MetricFamily>>;

export type FamilyKey = keyof typeof FAMILIES;
