import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { M2MOnly, MetricsCollector } from 'nestjs-auth-services';
import { callerAlerts, healthAlerts } from './alerts.js';

/** For the operators' console, and nobody else. */
@Controller()
@M2MOnly({ clientIds: ['ops-console'] })
export class OperationsController {
  constructor(private readonly metrics: MetricsCollector) {}

  @Get('alerts')
  alerts() {
    const snapshot = this.metrics.getMetrics();
    return [...healthAlerts(snapshot), ...callerAlerts(snapshot)];
  }

  /** From zero, for a period of your own. Prometheus needs none: it takes this for a restart. */
  @Post('metrics/reset')
  @HttpCode(204)
  reset(): void {
    this.metrics.reset();
  }
}
