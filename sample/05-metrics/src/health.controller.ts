import { Controller, Get } from '@nestjs/common';
import { MetricsCollector } from 'nestjs-auth-services';
import { AllowAnonymous } from 'nestjs-auth-services/jwt';
import { healthAlerts } from './alerts.js';

@Controller('health')
export class HealthController {
  constructor(private readonly metrics: MetricsCollector) {}

  /** 200 in any case: a load balancer that took a degraded process away would only leave the others more to do. */
  @Get()
  @AllowAnonymous()
  health() {
    const snapshot = this.metrics.getMetrics();
    const warnings = healthAlerts(snapshot).map(({ message }) => message);
    return {
      status: warnings.length === 0 ? 'healthy' : 'degraded',
      warnings,
      uptimeSeconds: Math.floor(snapshot.uptimeSeconds),
    };
  }
}
