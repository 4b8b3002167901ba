import type { CallerKind } from '../request/caller.js';
import { CLASSIC_BOUNDS_MS } from './classic-buckets.js';
import { bucketBound, endOfPage, header, series, type ExpositionFormat } from './exposition.js';
import type { InvalidDurationReason } from './invalid-durations.js';
import { legacyPage } from './legacy-names.js';
import { FAMILIES, type FamilyKey } from './metric-families.js';
import type { MetricsState } from './metrics-state.js';
import { snapshotOf } from './snapshot-of.js';

const DURATION = FAMILIES.durations.name;
const START_TIME = FAMILIES.startTime.name;

/**
 * The page that Prometheus reads: everything counted, under labels whose values are bounded. All that does not change
 * from one scrape to the next is written once, here.
 */
export class MetricsPage {
  private readonly buckets: readonly string[];
  private readonly headers: Readonly<Record<FamilyKey, string>>;

  constructor(
    private readonly state: MetricsState,
    private readonly format: ExpositionFormat,
    private readonly legacyNames: boolean,
  ) {
    this.headers = headers(format);
    this.buckets = [...CLASSIC_BOUNDS_MS, Infinity].map((boundMs) =>
      series(`${DURATION}_bucket`, { le: bucketBound(boundMs / 1000, format) }),
    );
  }

  write(): string {
    const parts = [this.validations(), this.durations(), this.rateLimit(), this.callersAndAudit(), this.own()];
    if (this.legacyNames) parts.push(legacyPage(snapshotOf(this.state, 0), this.format));
    return parts.join('') + endOfPage(this.format);
  }

  private validations(): string {
    let page =
      this.headers.validations +
      `auth_token_validations_total{result="success"} ${this.state.succeeded}\n` +
      `auth_token_validations_total{result="failure"} ${this.state.failed}\n` +
      this.headers.errors;
    for (const [, error] of this.state.errors.entries()) page += `${error.series}${error.count}\n`;
    return page;
  }

  private durations(): string {
    const { classicCounts, count, sumMs } = this.state.durations;
    let page = this.headers.durations;
    let below = 0;
    for (let index = 0; index < this.buckets.length; index++) {
      below += classicCounts[index]!;
      page += `${this.buckets[index]}${below}\n`;
    }
    return `${page}${DURATION}_sum ${sumMs / 1000}\n${DURATION}_count ${count}\n`;
  }

  private rateLimit(): string {
    let page = this.headers.decisions;
    for (const [, policy] of this.state.rateLimit.policies.entries()) {
      page += `${policy.series.allowed}${policy.allowed}\n${policy.series.denied}${policy.denied}\n`;
      if (policy.shadow_denied > 0) page += `${policy.series.shadow_denied}${policy.shadow_denied}\n`;
    }
    const { rateLimit, storeState, storeOutages } = this.state;
    page += `${this.headers.storeUp}auth_rate_limit_store_up ${storeState === 'up' ? 1 : 0}\n`;
    page += `${this.headers.storeOutages}auth_rate_limit_store_outages_total ${storeOutages}\n`;
    return `${page}${this.headers.limitOverflow}auth_rate_limit_overflow_total ${rateLimit.overflowed}\n`;
  }

  private callersAndAudit(): string {
    const { callers, auditWritten, auditDropped, dropReasons } = this.state;
    let page = this.headers.callers;
    for (const kind in callers)
      page += `auth_requests_by_caller_total{kind="${kind}"} ${callers[kind as CallerKind]}\n`;
    page += `${this.headers.audit}auth_audit_events_total{outcome="written"} ${auditWritten}\n`;
    page += `auth_audit_events_total{outcome="dropped"} ${auditDropped}\n${this.headers.dropped}`;
    for (const [, reason] of dropReasons.entries()) page += `${reason.series}${reason.count}\n`;
    return page;
  }

  private own(): string {
    const { errors, rateLimit, dropReasons, durations, startedAtMs } = this.state;
    const overflow = 'auth_metrics_label_overflow_total{label="';
    let page = `${this.headers.overflow}${overflow}error_type"} ${errors.overflowed}\n`;
    page += `${overflow}policy"} ${rateLimit.policies.overflowed}\n${overflow}reason"} ${dropReasons.overflowed}\n`;
    page += this.headers.invalid;
    const { counts } = durations.invalid;
    for (const reason in counts) {
      page += `auth_metrics_invalid_durations_total{reason="${reason}"} ${counts[reason as InvalidDurationReason]}\n`;
    }
    return `${page}${this.headers.startTime}${START_TIME} ${startedAtMs / 1000}\n`;
  }
}

function headers(format: ExpositionFormat): Readonly<Record<FamilyKey, string>> {
  const pairs = Object.entries(FAMILIES).map(([key, family]) => [key, header(family, format)]);
  return Object.fromEntries(pairs) as Record<FamilyKey, string>;
}
