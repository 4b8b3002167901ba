import { MetricsCollector } from '../../src/metrics/metrics-collector.js';
import type { MetricsOptions } from '../../src/metrics/metrics.options.js';

/** A collector in which every family has something. */
export function busyCollector(options: MetricsOptions = {}): MetricsCollector {
  const metrics = new MetricsCollector(options, () => 1_700_000_000_123);
  for (let ms = 1; ms <= 2000; ms++) metrics.recordValidationSuccess(ms / 10);
  for (let ms = 1; ms <= 150; ms++)
    metrics.recordValidationFailure(ms <= 100 ? 'expired_token' : 'invalid_signature', ms);
  metrics.recordValidationSuccess(NaN);
  metrics.recordRateLimit('default', 'allowed');
  metrics.recordRateLimit('default', 'denied', 'user:alice');
  metrics.recordRateLimit('login "strict"', 'shadow_denied', 'user:alice');
  metrics.recordCaller('m2m');
  metrics.recordAuditWritten(3);
  metrics.recordAuditDropped('queue_full', 2);
  metrics.recordStoreState('down');
  metrics.recordRateLimitOverflow();
  return metrics;
}
