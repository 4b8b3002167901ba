/** One series of a metric, as both libraries take it. */
export interface RegistryValue {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** The series' own name where it is not the metric's: `…_bucket`, `…_sum` and `…_count` of a histogram. */
  readonly metricName?: string;
}

/** What a registry writes as text, or hands on as JSON. */
export interface RegistryMetricValues {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly values: RegistryValue[];
  /** How the values of several processes become one: by the libraries' own aggregation for clusters. */
  readonly aggregator: 'sum' | 'min';
}

/** A metric as a registry knows it: it is asked when somebody scrapes, and not before. */
export interface RegistryMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: 'sum' | 'min';
  /** The samples, when the registry is scraped. */
  get(): Promise<RegistryMetricValues>;
  /** The same, for the text. */
  getForPromString(): Promise<RegistryMetricValues>;
  /** Zeroes it. */
  reset(): void;
}

/**
 * What is needed of a registry: `Registry` and `AggregatorRegistry` of prom-client 15 and of @prometheus-io/client have it.
 */
export interface MetricsRegistry {
  // oxlint-disable-next-line typescript/no-explicit-any -- each library has its own type for this; ours fits both at run time
  /** Takes a metric in. */
  registerMetric(metric: any): void;
  /** The metric of this name, if there is one. */
  getSingleMetric(name: string): unknown;
  /** The format that it writes, if it says. */
  readonly contentType?: string | undefined;
}
