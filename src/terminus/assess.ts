import type { AuditStatus } from '../audit/audit-event.js';
import type { RecentFigures } from './recent-validations.js';
import type { CheckedThresholds } from './thresholds.js';

/** How it is judged. */
export type HealthState = 'up' | 'degraded' | 'down';

/** What stands beside the status in the answer of the health check. Figures only: no identity, no error text. */
export interface AuthHealthReport {
  /** Validations in the window that was judged. */
  readonly tokens: number;
  /** 0 to 100, to two places; left out where there was no token. */
  readonly successRate?: number;
  /** In milliseconds, to two places; left out where no validation came with a time. */
  readonly validationTimeP95Ms?: number;
  readonly audit: AuditStatus['state'];
  readonly store: 'up' | 'down';
  /** Why it is not up, worst first; left out when it is. */
  readonly reasons?: readonly string[];
  readonly [more: string]: unknown;
}

interface Finding {
  readonly state: Exclude<HealthState, 'up'>;
  readonly reason: string;
}

/** Judges the figures by the thresholds: the worst finding decides. */
export function assess(
  figures: RecentFigures,
  audit: AuditStatus['state'],
  store: 'up' | 'down',
  thresholds: CheckedThresholds,
): { readonly state: HealthState; readonly report: AuthHealthReport } {
  const found = [
    successRate(figures, thresholds),
    latency(figures, thresholds),
    audit === 'degraded' && finding(thresholds.auditDegraded, 'audit trail degraded: one of its sinks takes no events'),
    audit === 'failing' && finding(thresholds.auditFailing, 'audit trail failing: none of its sinks takes events'),
    store === 'down' && finding(thresholds.storeDown, 'the store of the rate limits cannot be reached'),
  ]
    .filter((entry): entry is Finding => typeof entry === 'object')
    .sort((a, b) => Number(b.state === 'down') - Number(a.state === 'down'));
  return {
    state: found[0]?.state ?? 'up',
    report: {
      tokens: figures.tokens,
      ...(figures.successRate !== undefined && { successRate: rounded(figures.successRate) }),
      ...(figures.p95Ms !== undefined && { validationTimeP95Ms: rounded(figures.p95Ms) }),
      audit,
      store,
      ...(found.length > 0 && { reasons: found.map(({ reason }) => reason) }),
    },
  };
}

function successRate({ tokens, successRate: rate }: RecentFigures, thresholds: CheckedThresholds): Finding | false {
  if (rate === undefined || tokens < thresholds.minTokens) return false;
  const { downSuccessRate: down, degradedSuccessRate: degraded } = thresholds;
  const reason = (limit: number): string => `success rate ${rounded(rate)} % of ${tokens} tokens, below ${limit} %`;
  if (down !== false && rate < down) return { state: 'down', reason: reason(down) };
  return degraded !== false && rate < degraded && { state: 'degraded', reason: reason(degraded) };
}

function latency({ p95Ms }: RecentFigures, thresholds: CheckedThresholds): Finding | false {
  if (p95Ms === undefined) return false;
  const { downP95Ms: down, degradedP95Ms: degraded } = thresholds;
  const reason = (limit: number): string => `p95 of validations ${rounded(p95Ms)} ms, above ${limit} ms`;
  if (down !== false && p95Ms > down) return { state: 'down', reason: reason(down) };
  return degraded !== false && p95Ms > degraded && { state: 'degraded', reason: reason(degraded) };
}

const finding = (state: Finding['state'] | false, reason: string): Finding | false =>
  state !== false && { state, reason };

const rounded = (value: number): number => Math.round(value * 100) / 100;
