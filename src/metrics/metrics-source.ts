import type { ExpositionFormat } from './exposition.js';
import type { MetricsSnapshot } from './metrics-snapshot.js';

/** Whatever can be shown as metrics: the counts of one process, or of several. */
export interface MetricsSource {
  getMetrics(): MetricsSnapshot;
  toPrometheus(options?: { format?: ExpositionFormat | undefined }): string;
}
