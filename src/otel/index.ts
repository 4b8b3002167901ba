// A metric producer for the readers of the OpenTelemetry SDK
export { AuthMetricProducer } from './auth-metric-producer.js';
export type { AuthMetricProducerOptions } from './auth-metric-producer.js';
export type * from './metric-data.js';
