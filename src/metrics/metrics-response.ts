import type { MetricsSource } from './metrics-source.js';
import { negotiate, type MetricsFormat } from './negotiate.js';

const CONTENT_TYPES: Readonly<Record<MetricsFormat, string>> = {
  json: 'application/json; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  text: 'text/plain; version=0.0.4; charset=utf-8',
};

export interface MetricsResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The answer to somebody who may read the metrics, in the format that the Accept header asks for. */
export function metricsResponse(source: MetricsSource, accept: string | undefined): MetricsResponse {
  const format = negotiate(accept);
  const body = format === 'json' ? JSON.stringify(source.getMetrics()) : source.toPrometheus({ format });
  return { headers: { 'Content-Type': CONTENT_TYPES[format], 'Cache-Control': 'no-store' }, body };
}
