import { Module, type DynamicModule } from '@nestjs/common';
import { AuthServicesModule } from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import { HealthController } from './health.controller.js';
import { OperationsController } from './operations.controller.js';
import { OrdersController } from './orders.controller.js';

@Module({})
export class AppModule {
  static with(issuer: string, metricsToken: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthServicesModule.forRoot({
          // GET /metrics: Prometheus text, or the snapshot for `Accept: application/json`. Whoever sends this token may
          // read it; with nobody allowed to, the application would not start.
          metrics: { token: metricsToken },
          metricsEndpoint: { path: 'metrics' },
          rateLimit: { singleProcess: true },
          // This sample is about figures: no event for each request of its traffic.
          auditRequests: false,
        }),
        JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer, audience: 'api' }] }),
      ],
      controllers: [OrdersController, HealthController, OperationsController],
    };
  }
}
