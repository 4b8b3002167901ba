import type { FamilyKey } from './metric-families.js';
import type { MetricsState } from './metrics-state.js';

/** One series of a family, as it stands. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The families that are plain numbers: all but the histogram. */
export type NumberFamilyKey = Exclude<FamilyKey, 'durations'>;

/**
 * What each family says now, as values: for bridges, which hand it to a library that writes it. The page has its own
 * way, because a scrape should not make an object for each series.
 */
export const SAMPLES: Readonly<Record<NumberFamilyKey, (state: MetricsState) => MetricSample[]>> = {
  validations: ({ succeeded, failed }) => [
    { labels: { result: 'success' }, value: succeeded },
    { labels: { result: 'failure' }, value: failed },
  ],
  errors: ({ errors }) =>
    Array.from(errors.entries(), ([name, { count }]) => ({ labels: { error_type: name }, value: count })),
  decisions: ({ rateLimit }) =>
    Array.from(rateLimit.policies.entries()).flatMap(([policy, counts]) => {
      const of = (decision: 'allowed' | 'denied' | 'shadow_denied'): MetricSample => ({
        labels: { decision, policy },
        value: counts[decision],
      });
      return counts.shadow_denied > 0
        ? [of('allowed'), of('denied'), of('shadow_denied')]
        : [of('allowed'), of('denied')];
    }),
  storeUp: ({ storeState }) => [{ labels: {}, value: storeState === 'up' ? 1 : 0 }],
  storeOutages: ({ storeOutages }) => [{ labels: {}, value: storeOutages }],
  limitOverflow: ({ rateLimit }) => [{ labels: {}, value: rateLimit.overflowed }],
  callers: ({ callers }) => Object.entries(callers).map(([kind, value]) => ({ labels: { kind }, value })),
  audit: ({ auditWritten, auditDropped }) => [
    { labels: { outcome: 'written' }, value: auditWritten },
    { labels: { outcome: 'dropped' }, value: auditDropped },
  ],
  dropped: ({ dropReasons }) =>
    Array.from(dropReasons.entries(), ([reason, { count }]) => ({ labels: { reason }, value: count })),
  overflow: ({ errors, rateLimit, dropReasons }) => [
    { labels: { label: 'error_type' }, value: errors.overflowed },
    { labels: { label: 'policy' }, value: rateLimit.policies.overflowed },
    { labels: { label: 'reason' }, value: dropReasons.overflowed },
  ],
  invalid: ({ durations }) =>
    Object.entries(durations.invalid.counts).map(([reason, value]) => ({ labels: { reason }, value })),
  startTime: ({ startedAtMs }) => [{ labels: {}, value: startedAtMs / 1000 }],
};
