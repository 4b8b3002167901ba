// A registry of prom-client or @prometheus-io/client
export { registerAuthMetrics } from './register-auth-metrics.js';
export type { MetricsRegistry, RegistryMetric, RegistryMetricValues, RegistryValue } from './registry.js';
