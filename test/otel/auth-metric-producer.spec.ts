// Real: the OpenTelemetry SDK 2 with its periodic reader and in-memory exporter. SDK 3 needs a newer Node than the package does;
// its interface is the same, letter for letter, and the assignment below is checked by the compiler.
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import * as fc from 'fast-check';
import { CLASSIC_BOUNDS_MS } from '../../src/metrics/classic-buckets.js';
import { DurationHistogram } from '../../src/metrics/duration-histogram.js';
import { MetricsCollector } from '../../src/metrics/metrics-collector.js';
import { exponentialValue, MAX_BUCKETS } from '../../src/otel/histogram-value.js';
import { AuthMetricProducer, type AuthMetricProducerOptions } from '../../src/otel/index.js';
import { busyCollector } from '../metrics/busy-collector.js';
import { seriesOf } from '../metrics/promtool.js';
import { durations, exactQuantile, SHAPES } from '../metrics/samples.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** What an exporter gets from a reader that has our producer beside its SDK. */
async function exported(collector: MetricsCollector, options?: AuthMetricProducerOptions): Promise<MetricData[]> {
  const producer: MetricProducer = new AuthMetricProducer(collector, options);
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 3_600_000,
    metricProducers: [producer],
  });
  const provider = new MeterProvider({ readers: [reader] });
  closing.push(() => provider.shutdown());
  provider.getMeter('application').createCounter('orders').add(1);
  await provider.forceFlush();
  const [resourceMetrics] = exporter.getMetrics();
  expect(resourceMetrics!.scopeMetrics.map(({ scope }) => scope.name)).toContain('application');
  return resourceMetrics!.scopeMetrics.find(({ scope }) => scope.name === 'nestjs-auth-services')!.metrics;
}

const named = (metrics: readonly MetricData[], name: string): MetricData =>
  metrics.find(({ descriptor }) => descriptor.name === name)!;

/** The rule by which OpenTelemetry's names become Prometheus's, as far as it is needed here. */
function prometheusName({ descriptor: { name, unit }, dataPointType }: MetricData): string {
  const base = name.replaceAll('.', '_') + (unit === 's' ? '_seconds' : '');
  return dataPointType === DataPointType.SUM ? `${base}_total` : base;
}

function quantileOf({ scale, zeroCount, count, positive }: ExponentialHistogram, quantile: number): number {
  const base = 2 ** (2 ** -scale);
  let before = zeroCount;
  for (const [index, inBucket] of positive.bucketCounts.entries()) {
    before += inBucket;
    if (before > Math.min(count - 1, Math.floor(count * quantile))) return base ** (positive.offset + index + 0.5);
  }
  return 0;
}

describe('AuthMetricProducer', () => {
  it("hands every family to the SDK's reader, beside what the application measures itself", async () => {
    const collector = busyCollector();
    const metrics = await exported(collector);
    const ours = new Map(
      metrics
        .filter(({ dataPointType }) => dataPointType === DataPointType.SUM || dataPointType === DataPointType.GAUGE)
        .flatMap((metric) =>
          metric.dataPoints.map(({ attributes, value }) => {
            const labels = Object.entries(attributes).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
            return [prometheusName(metric) + (labels.length > 0 ? `{${labels.join(',')}}` : ''), value] as const;
          }),
        ),
    );
    const page = [...seriesOf(collector.toPrometheus())].filter(([name]) => !name.includes('duration_seconds'));
    expect(ours).toEqual(new Map(page));
    expect(metrics.map(prometheusName)).toContain('auth_token_validation_duration_seconds');
  });

  it('tells sums as cumulative and monotonic since the collector began, and states as gauges', async () => {
    const metrics = await exported(busyCollector());
    const sum = named(metrics, 'auth.token.validations');
    expect(sum).toMatchObject({
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      descriptor: { unit: '{validation}', description: 'Token validations by result.' },
    });
    expect(sum.dataPoints[0]!.startTime).toEqual([1_700_000_000, 123_000_000]);
    expect(sum.dataPoints[0]!.endTime[0]).toBeGreaterThanOrEqual(1_700_000_000);
    expect(named(metrics, 'auth.rate_limit.store.up')).toMatchObject({ dataPointType: DataPointType.GAUGE });
  });

  it('begins anew after a reset, as a cumulative sum has to', async () => {
    let now = 1_000_000;
    const collector = new MetricsCollector({}, () => now);
    const producer = new AuthMetricProducer(collector);
    collector.recordValidationSuccess(1);
    now = 2_000_500;
    collector.reset();
    const { resourceMetrics } = await producer.collect();
    const [validations] = resourceMetrics.scopeMetrics[0]!.metrics;
    expect(validations!.dataPoints[0]).toMatchObject({ startTime: [2000, 500_000_000], value: 0 });
  });

  it('hands over an exponential histogram of at most 160 buckets', async () => {
    const metrics = await exported(busyCollector());
    const metric = named(metrics, 'auth.token.validation.duration');
    expect(metric).toMatchObject({ dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM, descriptor: { unit: 's' } });
    const { value } = metric.dataPoints[0] as { value: ExponentialHistogram };
    expect(value).toMatchObject({ count: 2150, sum: 211.425, min: 0.0001, max: 0.2 });
    expect(value.positive.bucketCounts.length).toBeLessThanOrEqual(MAX_BUCKETS);
  });

  it("hands over the page's own buckets where a reader takes no exponential ones", async () => {
    const metrics = await exported(busyCollector(), { histogram: 'explicit' });
    const metric = named(metrics, 'auth.token.validation.duration');
    expect(metric.dataPointType).toBe(DataPointType.HISTOGRAM);
    const { value } = metric.dataPoints[0] as { value: Histogram };
    expect(value.buckets.boundaries).toEqual(CLASSIC_BOUNDS_MS.map((ms) => ms / 1000));
    expect(value.buckets.counts).toHaveLength(CLASSIC_BOUNDS_MS.length + 1);
    expect(value.buckets.counts.reduce((sum, count) => sum + count)).toBe(2150);
    expect(value).toMatchObject({ count: 2150, sum: 211.425, min: 0.0001, max: 0.2 });
  });

  it('has no series for what has not happened, and no extremes of nothing', async () => {
    const metrics = await exported(new MetricsCollector());
    expect(metrics.map(({ descriptor }) => descriptor.name)).not.toContain('auth.rate_limit.decisions');
    const { value } = named(metrics, 'auth.token.validation.duration').dataPoints[0]!;
    expect(value).toEqual({
      count: 0,
      sum: 0,
      scale: 7,
      zeroCount: 0,
      positive: { offset: 0, bucketCounts: [] },
      negative: { offset: 0, bucketCounts: [] },
    });
  });

  it('refuses options that it does not know', () => {
    expect(() => new AuthMetricProducer(new MetricsCollector(), { histogram: 'native' as never })).toThrow(
      'AuthMetricProducer.histogram must be one of "exponential", "explicit"',
    );
    expect(() => new AuthMetricProducer({} as never)).toThrow('must be a MetricsCollector');
  });
});

describe('the exponential histogram', () => {
  const histogramOf = (values: Iterable<number>): DurationHistogram => {
    const histogram = new DurationHistogram();
    for (const value of values) histogram.record(value);
    return histogram;
  };

  it('loses nothing and puts each duration between the bounds of its bucket, at the finest scale that fits', () => {
    const ms = fc.oneof(
      fc.double({ min: 0, max: 86_400_000, noNaN: true }),
      fc.integer({ min: -10, max: 26 }).map((exponent) => 1000 * 2 ** exponent),
      fc.constantFrom(0, 0.000_5, 1, 1.001, 86_400_000),
    );
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1, maxLength: 60 }), (values) => {
        const kept = values.filter((value) => value <= 86_400_000);
        const { scale, zeroCount, count, positive } = exponentialValue(histogramOf(kept));
        expect(zeroCount + positive.bucketCounts.reduce((sum, inBucket) => sum + inBucket, 0)).toBe(count);
        expect(positive.bucketCounts.length).toBeLessThanOrEqual(MAX_BUCKETS);

        const oracle = new Map<number, number>();
        for (const value of kept.map((valueMs) => valueMs * 0.001)) {
          if (value <= 2 ** -20) continue;
          // The bucket whose upper bound is the first that is not below the value.
          const index = Math.ceil(Math.log2(value) * 2 ** scale - 1e-9) - 1;
          oracle.set(index, (oracle.get(index) ?? 0) + 1);
        }
        const found = positive.bucketCounts.flatMap((inBucket, i) =>
          inBucket > 0 ? [[positive.offset + i, inBucket] as const] : [],
        );
        expect(new Map(found)).toEqual(oracle);
        const spread = (at: number): number => {
          const indices = [...oracle.keys()].map((index) => index * 2 ** (at - scale));
          return Math.max(...indices) - Math.min(...indices);
        };
        if (scale < 7 && oracle.size > 0) expect(spread(scale + 1)).toBeGreaterThanOrEqual(MAX_BUCKETS - 2);
      }),
      { numRuns: 300 },
    );
  });

  it.each(Object.keys(SHAPES))('has quantiles within the width of its buckets: %s', (shape) => {
    const values = durations(shape, 100_000, 11);
    const value = exponentialValue(histogramOf(values));
    const width = 2 ** (2 ** -value.scale) - 1;
    for (const quantile of [0.5, 0.95, 0.99]) {
      const exact = exactQuantile(values, quantile) / 1000;
      expect(Math.abs(quantileOf(value, quantile) / exact - 1)).toBeLessThanOrEqual(width);
    }
  });
});
