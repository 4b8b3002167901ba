// Real: prom-client 15, its AggregatorRegistry, promtool. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import promClient, { type RegistryContentType } from 'prom-client';
import { MetricsCollector } from '../../src/metrics/metrics-collector.js';
import { FAMILIES } from '../../src/metrics/metric-families.js';
import { OptionsError } from '../../src/options/options-error.js';
import { registerAuthMetrics } from '../../src/prometheus/index.js';
import { busyCollector } from '../metrics/busy-collector.js';
import { checkMetrics, importOpenMetrics, seriesOf } from '../metrics/promtool.js';

const { AggregatorRegistry, Counter, Registry } = promClient;

const TEXT = Registry.PROMETHEUS_CONTENT_TYPE;
const OPEN_METRICS = Registry.OPENMETRICS_CONTENT_TYPE;

function registryOf(collector: MetricsCollector) {
  const registry = new Registry<RegistryContentType>();
  registerAuthMetrics(collector, registry);
  return registry;
}

/** Families and their help and type, as lines, in the order of their names. */
const headersOf = (page: string): string[] =>
  page
    .split('\n')
    .filter((line) => /^# (HELP|TYPE)/.test(line))
    .sort();

const sorted = (series: ReadonlyMap<string, number>): [string, number][] =>
  [...series].sort(([a], [b]) => (a < b ? -1 : 1));

describe('registerAuthMetrics', () => {
  it('shows every family of our own page under the same names, with the same help, series and values', async () => {
    const collector = busyCollector();
    const page = await registryOf(collector).metrics();
    expect(headersOf(page)).toEqual(headersOf(collector.toPrometheus()));
    expect(sorted(seriesOf(page))).toEqual(sorted(seriesOf(collector.toPrometheus())));
    expect(checkMetrics(page)).toEqual({ status: 0, output: '' });
  });

  it('is written as OpenMetrics by a registry that writes it, and read by Prometheus', async () => {
    const collector = busyCollector();
    const registry = registryOf(collector);
    registry.setContentType(OPEN_METRICS);
    const page = await registry.metrics();
    expect(sorted(seriesOf(page))).toEqual(sorted(seriesOf(collector.toPrometheus({ format: 'openmetrics' }))));
    expect(importOpenMetrics(page)).toMatchObject({ status: 0 });
  });

  it('keeps its names when a registry changes its format from scrape to scrape, as one that negotiates does', async () => {
    const registry = registryOf(busyCollector());
    const text = await registry.metrics();
    registry.setContentType(OPEN_METRICS);
    const openMetrics = await registry.metrics();
    expect(await registry.getSingleMetricAsString('auth_token_validations_total')).toBe(
      openMetrics.match(/# HELP auth_token_validations [^]*?result="failure"\} 150/)![0],
    );
    registry.setContentType(TEXT);
    expect(await registry.metrics()).toBe(text);
    expect(await registry.getSingleMetricAsString('auth_token_validations_total')).toContain(
      'auth_token_validations_total{result="success"} 2001',
    );
  });

  it('is told as JSON under full names, with numbers and the type and aggregation of each', async () => {
    const registry = registryOf(busyCollector());
    registry.setContentType(OPEN_METRICS);
    await registry.metrics();
    const json = await registry.getMetricsAsJSON();
    const byName = new Map(json.map((metric) => [metric.name, metric]));
    expect(byName.get('auth_token_validations_total')).toMatchObject({
      type: 'counter',
      aggregator: 'sum',
      values: [
        { labels: { result: 'success' }, value: 2001 },
        { labels: { result: 'failure' }, value: 150 },
      ],
    });
    expect(byName.get('auth_rate_limit_store_up')).toMatchObject({ type: 'gauge', aggregator: 'min' });
    expect(byName.get('auth_token_validation_duration_seconds')).toMatchObject({ type: 'histogram' });
    expect(byName.get('auth_token_validation_duration_seconds')!.values).toEqual(
      expect.arrayContaining([
        { metricName: 'auth_token_validation_duration_seconds_bucket', labels: { le: 0.1 }, value: 1100 },
        { metricName: 'auth_token_validation_duration_seconds_bucket', labels: { le: '+Inf' }, value: 2150 },
        { metricName: 'auth_token_validation_duration_seconds_count', labels: {}, value: 2150 },
      ]),
    );
  });

  it('carries the default labels of the registry, in text and JSON, and leaves the collector without them', async () => {
    const collector = busyCollector();
    const registry = registryOf(collector);
    registry.setDefaultLabels({ app: 'orders' });
    expect(await registry.metrics()).toContain('auth_token_validations_total{result="success",app="orders"} 2001');
    expect(await registry.metrics()).toContain('_seconds_bucket{le="+Inf",app="orders"} 2150');
    const json = JSON.stringify(await registry.getMetricsAsJSON());
    expect(json).toContain('{"result":"success","app":"orders"}');
    registry.setDefaultLabels({});
    expect(await registry.metrics()).not.toContain('orders');
  });

  it('adds up over the workers of a cluster, as AggregatorRegistry does it with what they send', async () => {
    const quiet = new MetricsCollector({}, () => 1_600_000_000_000);
    quiet.recordValidationSuccess(5);
    const sent = await Promise.all(
      [busyCollector(), busyCollector(), quiet].map(async (collector) =>
        JSON.parse(JSON.stringify(await registryOf(collector).getMetricsAsJSON())),
      ),
    );
    const series = seriesOf(await AggregatorRegistry.aggregate(sent as never).metrics());
    expect(Object.fromEntries(series)).toMatchObject({
      'auth_token_validations_total{result="success"}': 4003,
      'auth_token_validation_errors_total{error_type="expired_token"}': 200,
      'auth_token_validation_duration_seconds_bucket{le="0.1"}': 2201,
      auth_token_validation_duration_seconds_count: 4301,
      auth_rate_limit_store_up: 0,
      auth_metrics_start_time_seconds: 1_600_000_000,
    });
  });

  it('shows the newest collector after a hot reload, which registers again what is there already', async () => {
    const registry = registryOf(busyCollector());
    const merged = Registry.merge([registry, new Registry<RegistryContentType>()] as never[]) as typeof registry;
    const fresh = new MetricsCollector();
    fresh.recordValidationSuccess(1);
    registerAuthMetrics(fresh, registry);
    registerAuthMetrics(fresh, registry);
    for (const shown of [registry, merged]) {
      expect(await shown.metrics()).toContain('auth_token_validations_total{result="success"} 1\n');
    }
    registry.removeSingleMetric('auth_token_validations_total');
    const newest = new MetricsCollector();
    registerAuthMetrics(newest, registry);
    expect(await registry.metrics()).toContain('auth_token_validations_total{result="success"} 0\n');
    expect(await registry.metrics()).toContain('auth_token_validation_duration_seconds_count 0\n');
    registry.clear();
    registerAuthMetrics(newest, registry);
    expect(registry.getMetricsAsArray()).toHaveLength(Object.keys(FAMILIES).length);
  });

  it('reads the collector at the scrape, so that nothing is done when something is recorded', async () => {
    const collector = new MetricsCollector();
    const registry = registryOf(collector);
    collector.recordValidationSuccess(1);
    collector.recordValidationFailure('quote" and \\ and\nline');
    const page = await registry.metrics();
    expect(page).toContain('auth_token_validations_total{result="success"} 1\n');
    expect(page).toContain('{error_type="quote\\" and \\\\ and\\nline"} 1\n');
    expect(Object.values(collector)).not.toContain(registry);
  });

  it("keeps the collector's counts when the registry resets its own metrics", async () => {
    const collector = busyCollector();
    const registry = registryOf(collector);
    registry.resetMetrics();
    expect(collector.getMetrics().tokensValidated).toBe(2001);
    expect(await registry.metrics()).toContain('auth_token_validations_total{result="success"} 2001');
  });

  it("refuses a registry that has somebody else's metric under one of the names, and leaves it as it was", () => {
    const registry = new Registry();
    registry.registerMetric(new Counter({ name: 'auth_audit_events_total', help: 'mine', registers: [] }));
    expect(() => registerAuthMetrics(new MetricsCollector(), registry)).toThrow(OptionsError);
    expect(() => registerAuthMetrics(new MetricsCollector(), registry)).toThrow('auth_audit_events_total');
    expect(registry.getMetricsAsArray()).toHaveLength(1);
  });

  it('says what it was given instead of a registry or a collector', () => {
    expect(() => registerAuthMetrics(new MetricsCollector(), promClient as never)).toThrow(
      /registry.*must be a registry of prom-client.*lacks registerMetric\(\)/,
    );
    expect(() => registerAuthMetrics({} as never, new Registry())).toThrow('must be a MetricsCollector');
  });
});
