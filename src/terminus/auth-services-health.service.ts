import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { AuditLogger } from '../audit/audit-logger.js';
import { MetricsCollector } from '../metrics/metrics-collector.js';
import { assess, type AuthHealthReport, type HealthState } from './assess.js';
import { RecentValidations } from './recent-validations.js';
import { thresholdsOf, type AuthHealthThresholds } from './thresholds.js';

/** The part of a session of @nestjs/terminus that is used: before 12 it had no `degraded`. */
interface Session<Key extends string> {
  up(data: AuthHealthReport): HealthIndicatorResult<Key>;
  down(data: AuthHealthReport): HealthIndicatorResult<Key>;
  degraded?: (data: AuthHealthReport) => HealthIndicatorResult<Key>;
}

/**
 * Tells @nestjs/terminus how the four services are: up, degraded or down, from the success rate and the latency of token
 * validations lately, the state of the audit trail and of the store of the rate limits.
 *
 * Degraded keeps the status code 200. A terminus that does not know it (11) is told `up` with `degraded: true`.
 *
 * @example
 * ```ts
 * import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
 * import { AuthServicesHealthIndicator } from 'nestjs-auth-services/terminus';
 *
 * @Controller('health')
 * class HealthController {
 *   constructor(
 *     @Inject(HealthCheckService) private readonly health: HealthCheckService,
 *     @Inject(AuthServicesHealthIndicator) private readonly auth: AuthServicesHealthIndicator,
 *   ) {}
 *
 *   @Get()
 *   @HealthCheck()
 *   check() {
 *     return this.health.check([() => this.auth.isHealthy('auth', { minTokens: 50, downP95Ms: 1000 })]);
 *   }
 * }
 *
 * @Module({ imports: [TerminusModule], controllers: [HealthController], providers: [AuthServicesHealthIndicator] })
 * export class HealthModule {}
 * ```
 */
@Injectable()
export class AuthServicesHealthIndicator {
  /** One for each window that is asked for: readiness and liveness may have their own. */
  private readonly recent = new Map<number, RecentValidations>();

  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(MetricsCollector) private readonly metrics: MetricsCollector,
    @Inject(AuditLogger) private readonly audit: AuditLogger,
  ) {}

  /**
   * @param key What the entry is called in the answer of the health check.
   * @param thresholds What it takes to be degraded or down; what is left out has the original's thresholds.
   * @throws OptionsError if a threshold is not what it should be.
   */
  isHealthy<const Key extends string = 'auth'>(
    key: Key = 'auth' as Key,
    thresholds: AuthHealthThresholds = {},
  ): HealthIndicatorResult<Key> {
    const checked = thresholdsOf(thresholds, 'isHealthy(…, thresholds)');
    const { state: storeState, nowMs } = this.collectorNow();
    const figures = this.recentOver(checked.windowSeconds * 1000).figures(nowMs);
    const { state, report } = assess(figures, this.audit.status.state, storeState, checked);
    return told(this.indicators.check(key) as Session<Key>, state, report);
  }

  /** The collector's own clock, which stands still where a test holds it. */
  private collectorNow(): { state: 'up' | 'down'; nowMs: number } {
    const { uptimeSeconds } = this.metrics.getMetrics();
    const { startedAtMs, storeState } = this.metrics.state;
    return { state: storeState, nowMs: startedAtMs + uptimeSeconds * 1000 };
  }

  private recentOver(windowMs: number): RecentValidations {
    let recent = this.recent.get(windowMs);
    if (recent === undefined) this.recent.set(windowMs, (recent = new RecentValidations(this.metrics.state, windowMs)));
    return recent;
  }
}

function told<Key extends string>(
  session: Session<Key>,
  state: HealthState,
  report: AuthHealthReport,
): HealthIndicatorResult<Key> {
  if (state !== 'degraded') return session[state](report);
  return session.degraded === undefined ? session.up({ ...report, degraded: true }) : session.degraded(report);
}
