import { handOut } from './hand-out.js';

/** The Grafana dashboard, as it can be imported or provisioned. */
export const metricsGrafana = handOut(
  'metrics grafana',
  'grafana/auth-services.json',
  'The Grafana dashboard, as JSON to import: tokens, latency, limits, callers, audit trail.',
);
