import type { MetricsSnapshot } from 'nestjs-auth-services';

export interface Alert {
  readonly name: string;
  readonly severity: 'warning' | 'critical';
  readonly message: string;
}

export interface Thresholds {
  /** Below this many tokens a rate says nothing: one failure of two is 50 %. */
  readonly minTokens: number;
  /** In percent. */
  readonly successRate: { readonly warning: number; readonly critical: number };
  readonly p95Ms: { readonly warning: number; readonly critical: number };
  /** Tokens with a signature that is not the issuer's. */
  readonly forgedTokens: number;
  readonly deniedRequests: number;
}

const THRESHOLDS: Thresholds = {
  minTokens: 20,
  successRate: { warning: 95, critical: 50 },
  p95Ms: { warning: 250, critical: 1000 },
  forgedTokens: 3,
  deniedRequests: 5,
};

/** What is wrong with the service: tokens that should pass do not, or it takes long to find out. */
export function healthAlerts(snapshot: MetricsSnapshot, thresholds: Thresholds = THRESHOLDS): Alert[] {
  const { successRate, totalTokens, validationTimeP95Ms } = snapshot;
  const alerts: Alert[] = [];
  const rate = thresholds.successRate;
  if (totalTokens >= thresholds.minTokens && successRate < rate.warning) {
    const severity = successRate < rate.critical ? 'critical' : 'warning';
    const message = `${successRate.toFixed(1)} % of tokens are valid, fewer than ${rate[severity]} %`;
    alerts.push({ name: 'low_success_rate', severity, message });
  }
  const time = thresholds.p95Ms;
  if (validationTimeP95Ms > time.warning) {
    const severity = validationTimeP95Ms > time.critical ? 'critical' : 'warning';
    const message = `One validation in 20 takes ${validationTimeP95Ms.toFixed(0)} ms, more than ${time[severity]} ms`;
    alerts.push({ name: 'slow_validation', severity, message });
  }
  return alerts;
}

/** What is wrong with the callers: the service is well, and somebody should look at them. */
export function callerAlerts(snapshot: MetricsSnapshot, thresholds: Thresholds = THRESHOLDS): Alert[] {
  const forged = snapshot.errorsByType['invalid_signature'] ?? 0;
  const { denied, topDenied } = snapshot.rateLimit;
  const alerts: Alert[] = [];
  if (forged > thresholds.forgedTokens) {
    alerts.push({ name: 'forged_tokens', severity: 'critical', message: `${forged} tokens with a broken signature` });
  }
  if (denied > thresholds.deniedRequests) {
    const most = topDenied[0]?.identity ?? 'nobody in particular';
    alerts.push({
      name: 'many_denied',
      severity: 'warning',
      message: `${denied} requests over a limit, most of them by ${most}`,
    });
  }
  return alerts;
}
