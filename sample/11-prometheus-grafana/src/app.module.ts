import { Module, type DynamicModule } from '@nestjs/common';
import { AuthServicesModule } from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import type { LogStore } from './log-store.js';
import { OrdersController } from './orders.controller.js';

@Module({})
export class AppModule {
  static with(issuer: string, metricsToken: string, logStore: LogStore): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthServicesModule.forRoot({
          metrics: { token: metricsToken },
          metricsEndpoint: {},
          rateLimit: {
            default: { maxRequests: 300, windowSeconds: 60 },
            policies: {
              report: { maxRequests: 5, windowSeconds: 10 },
              trial: { maxRequests: 3, windowSeconds: 10, shadow: true },
            },
            singleProcess: true,
          },
          // A queue that a short outage fills: what does not fit is counted as dropped.
          audit: { sinks: [logStore], queue: { maxEvents: 100 } },
        }),
        JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer, audience: 'api' }] }),
      ],
      controllers: [OrdersController],
    };
  }
}
