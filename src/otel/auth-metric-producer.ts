import { FAMILIES, type FamilyKey } from '../metrics/metric-families.js';
import { SAMPLES } from '../metrics/metric-samples.js';
import type { MetricsCollector } from '../metrics/metrics-collector.js';
import { having, oneOf, shape } from '../options/check.js';
import { explicitValue, exponentialValue } from './histogram-value.js';
import { INSTRUMENTS } from './instruments.js';
import {
  CUMULATIVE,
  DOUBLE,
  EXPONENTIAL_HISTOGRAM,
  GAUGE,
  HISTOGRAM,
  INT,
  SUM,
  type HrTime,
  type OtelCollection,
  type OtelMetricData,
  type OtelResource,
} from './metric-data.js';

/** How an {@link AuthMetricProducer} shows durations. */
export interface AuthMetricProducerOptions {
  /**
   * How durations are handed over. `exponential`: at most 160 buckets, as fine as these allow. `explicit`: the 16
   * boundaries of our own page, for exporters that leave exponential histograms out, as @opentelemetry/exporter-prometheus
   * does. @default 'exponential'
   */
  histogram?: 'exponential' | 'explicit' | undefined;
}

const checkOptions = shape<AuthMetricProducerOptions>({ histogram: oneOf('exponential', 'explicit') });

const SCOPE = 'nestjs-auth-services';

const RESOURCE: OtelResource = { attributes: {}, merge: (other) => other!, getRawAttributes: () => [] };

/**
 * Hands what the collector counts to a reader of the OpenTelemetry SDK, version 2 or 3, whenever that reader collects:
 * nothing is recorded twice, and no instrument is made. Sums are cumulative, since the collector's start or last `reset()`.
 *
 * @example
 * ```ts
 * import { MetricsCollector } from 'nestjs-auth-services';
 * import { AuthMetricProducer } from 'nestjs-auth-services/otel';
 * import {
 *   ConsoleMetricExporter,
 *   MeterProvider,
 *   PeriodicExportingMetricReader,
 * } from '@opentelemetry/sdk-metrics';
 *
 * const reader = new PeriodicExportingMetricReader({
 *   exporter: new ConsoleMetricExporter(), // or OTLPMetricExporter
 *   metricProducers: [new AuthMetricProducer(app.get(MetricsCollector))],
 * });
 * new MeterProvider({ readers: [reader] });
 * ```
 */
export class AuthMetricProducer {
  private readonly isExplicit: boolean;

  /** @throws OptionsError if an option is not what it should be. */
  constructor(
    private readonly collector: MetricsCollector,
    options: AuthMetricProducerOptions = {},
  ) {
    having('a MetricsCollector', 'recordValidationSuccess')(collector, 'AuthMetricProducer(collector)');
    checkOptions(options, 'AuthMetricProducer');
    this.isExplicit = options.histogram === 'explicit';
  }

  /** Called by the reader. */
  collect(): Promise<OtelCollection> {
    const { startedAtMs } = this.collector.state;
    const startTime = hrTime(startedAtMs);
    // The collector's clock may be a hair ahead of the wall clock, and a point must not end before it begins.
    const endTime = hrTime(Math.max(Date.now(), startedAtMs));
    const metrics = (Object.keys(INSTRUMENTS) as FamilyKey[])
      .map((key) => this.metric(key, startTime, endTime))
      .filter(({ dataPoints }) => dataPoints.length > 0);
    return Promise.resolve({
      resourceMetrics: { resource: RESOURCE, scopeMetrics: [{ scope: { name: SCOPE }, metrics }] },
      errors: [],
    });
  }

  private metric(key: FamilyKey, startTime: HrTime, endTime: HrTime): OtelMetricData {
    const { name, unit, type } = INSTRUMENTS[key];
    const valueType = unit === 's' ? DOUBLE : INT;
    const common = {
      descriptor: { name, unit, description: FAMILIES[key].help, valueType },
      aggregationTemporality: CUMULATIVE,
    } as const;
    const point = <T>(value: T, attributes: Readonly<Record<string, string>> = {}) => ({
      startTime,
      endTime,
      attributes: { ...attributes },
      value,
    });
    if (key === 'durations') {
      const { durations } = this.collector.state;
      return this.isExplicit
        ? { ...common, dataPointType: HISTOGRAM, dataPoints: [point(explicitValue(durations))] }
        : { ...common, dataPointType: EXPONENTIAL_HISTOGRAM, dataPoints: [point(exponentialValue(durations))] };
    }
    const dataPoints = SAMPLES[key](this.collector.state).map(({ labels, value }) => point(value, labels));
    return type === 'gauge'
      ? { ...common, dataPointType: GAUGE, dataPoints }
      : { ...common, dataPointType: SUM, isMonotonic: true, dataPoints };
  }
}

function hrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000);
  return [seconds, Math.round((epochMs - seconds * 1000) * 1e6)];
}
