import type { MetricsCollector } from '../metrics/metrics-collector.js';
import { FAMILIES, type FamilyKey } from '../metrics/metric-families.js';
import { having } from '../options/check.js';
import { OptionsError } from '../options/options-error.js';
import { BridgedMetric, registeredName, SOURCE, type MetricsSourceHolder } from './bridged-metric.js';
import type { MetricsRegistry } from './registry.js';

const checkRegistry = having(
  'a registry of prom-client or @prometheus-io/client, such as its `register` or a `new Registry()`',
  'registerMetric',
  'getSingleMetric',
);

/**
 * Puts everything that the collector counts into a registry of prom-client 15 or @prometheus-io/client, beside the
 * application's own metrics: in text, OpenMetrics and JSON, with default labels, and through `AggregatorRegistry`.
 *
 * Nothing is recorded twice: the registry reads the collector when it is scraped. A registry that has the metrics already,
 * as after a hot reload, shows the newest collector from then on.
 *
 * @throws OptionsError if `registry` is none, or holds a metric of somebody else under one of the names; it is left as it was.
 * @example
 * ```ts
 * import { register } from 'prom-client';
 * import { MetricsCollector } from 'nestjs-auth-services';
 * import { registerAuthMetrics } from 'nestjs-auth-services/prometheus';
 *
 * registerAuthMetrics(app.get(MetricsCollector), register);
 * ```
 */
export function registerAuthMetrics(collector: MetricsCollector, registry: MetricsRegistry): void {
  having('a MetricsCollector', 'recordValidationSuccess')(collector, 'registerAuthMetrics(collector)');
  checkRegistry(registry, 'registerAuthMetrics(…, registry)');
  const keys = Object.keys(FAMILIES) as FamilyKey[];
  const found = keys.map((key) => registry.getSingleMetric(registeredName(key)));
  found.forEach((metric, index) => {
    if (metric !== undefined && sourceOf(metric) === undefined) throw taken(registeredName(keys[index]!));
  });

  for (const metric of found) {
    const source = sourceOf(metric);
    if (source !== undefined) source.collector = collector;
  }
  const source: MetricsSourceHolder = found.map(sourceOf).find((present) => present !== undefined) ?? { collector };
  keys.forEach((key, index) => {
    if (found[index] === undefined) registry.registerMetric(new BridgedMetric(key, source, registry));
  });
}

function sourceOf(metric: unknown): MetricsSourceHolder | undefined {
  return typeof metric === 'object' && metric !== null && SOURCE in metric
    ? (metric as Pick<BridgedMetric, typeof SOURCE>)[SOURCE]
    : undefined;
}

function taken(name: string): OptionsError {
  return new OptionsError(
    'ERR_AUTH_SERVICES_METRIC_NAME_TAKEN',
    `The registry has a metric of the name ${name} already, which is not ours. Remove it, or give us a registry of our own ` +
      'and put the two together with Registry.merge().',
  );
}
