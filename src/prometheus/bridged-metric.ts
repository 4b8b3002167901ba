import { CLASSIC_BOUNDS_MS } from '../metrics/classic-buckets.js';
import { bucketBound } from '../metrics/exposition.js';
import { FAMILIES, type FamilyKey } from '../metrics/metric-families.js';
import { SAMPLES } from '../metrics/metric-samples.js';
import type { MetricsCollector } from '../metrics/metrics-collector.js';
import type { MetricsState } from '../metrics/metrics-state.js';
import type { MetricsRegistry, RegistryMetric, RegistryMetricValues, RegistryValue } from './registry.js';

/** Says that a metric in a registry is ours, also to another copy of this package, and whose counts it shows. */
export const SOURCE: unique symbol = Symbol.for('nestjs-auth-services.prometheus-source') as never;

/** The collector that the metrics of a registry read. One for all of them, so that a reload changes one place. */
export interface MetricsSourceHolder {
  collector: MetricsCollector;
}

/**
 * One of the families as a metric of a registry. It holds no numbers: whoever scrapes reads the collector.
 *
 * The two libraries tell a counter that it is written as OpenMetrics by cutting `_total` off its `name` just before they
 * ask it, and add `_total` to its series themselves. A counter of theirs stays renamed then, and a registry that
 * goes back to the text format writes it under a wrong name; here the new name is good for one answer.
 */
export class BridgedMetric implements RegistryMetric {
  readonly help: string;
  readonly type: RegistryMetric['type'];
  readonly aggregator: RegistryMetric['aggregator'];
  readonly labelNames: readonly string[] = [];
  readonly [SOURCE]: MetricsSourceHolder;
  private readonly fullName: string;
  private isAskedForOpenMetrics = false;

  constructor(
    private readonly key: FamilyKey,
    source: MetricsSourceHolder,
    private readonly registry: MetricsRegistry,
  ) {
    const family = FAMILIES[key];
    this.help = family.help;
    this.type = family.type;
    this.fullName = registeredName(key);
    // One process whose store is down is a store that is down; counting began when the first one began.
    this.aggregator = family.type === 'gauge' ? 'min' : 'sum';
    this[SOURCE] = source;
  }

  get name(): string {
    return this.fullName;
  }

  set name(_asOpenMetrics: string) {
    this.isAskedForOpenMetrics = true;
  }

  /** As JSON, which keeps the full name: what is aggregated from it can be written in either format. */
  get(): Promise<RegistryMetricValues> {
    this.isAskedForOpenMetrics = false;
    return Promise.resolve(this.read(this.fullName, valuesOf(this.key, this.state)));
  }

  /** As the text of a page. */
  getForPromString(): Promise<RegistryMetricValues> {
    const isOpenMetrics = this.isAskedForOpenMetrics || isOpenMetricsRegistry(this.registry);
    this.isAskedForOpenMetrics = false;
    if (!isOpenMetrics) return Promise.resolve(this.read(this.fullName, valuesOf(this.key, this.state)));
    const values = valuesOf(this.key, this.state).map(withFloatBound);
    return Promise.resolve(this.read(FAMILIES[this.key].name, values));
  }

  /** Leaves the collector as it is: a registry's `resetMetrics()` must not erase what the snapshot and the page show. */
  reset(): void {}

  private get state(): MetricsState {
    return this[SOURCE].collector.state;
  }

  private read(name: string, values: RegistryValue[]): RegistryMetricValues {
    return { name, help: this.help, type: this.type, values, aggregator: this.aggregator };
  }
}

/** A counter is registered under the name of its series. */
export function registeredName(key: FamilyKey): string {
  const { name, type } = FAMILIES[key];
  return type === 'counter' ? `${name}_total` : name;
}

function valuesOf(key: FamilyKey, state: MetricsState): RegistryValue[] {
  return key === 'durations' ? histogramValues(state) : SAMPLES[key](state);
}

function histogramValues({ durations }: MetricsState): RegistryValue[] {
  const { name } = FAMILIES.durations;
  let below = 0;
  const values: RegistryValue[] = Array.from(durations.classicCounts, (count, index) => {
    below += count;
    const boundMs = CLASSIC_BOUNDS_MS[index];
    return {
      labels: { le: boundMs === undefined ? '+Inf' : boundMs / 1000 },
      value: below,
      metricName: `${name}_bucket`,
    };
  });
  values.push({ labels: {}, value: durations.sumMs / 1000, metricName: `${name}_sum` });
  values.push({ labels: {}, value: durations.count, metricName: `${name}_count` });
  return values;
}

/** OpenMetrics wants a float for `le`. */
function withFloatBound(value: RegistryValue): RegistryValue {
  const { le } = value.labels;
  return typeof le === 'number' ? { ...value, labels: { le: bucketBound(le, 'openmetrics') } } : value;
}

const isOpenMetricsRegistry = ({ contentType }: MetricsRegistry): boolean =>
  typeof contentType === 'string' && contentType.startsWith('application/openmetrics-text');
