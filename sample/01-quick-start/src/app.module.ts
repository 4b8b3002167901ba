import { Module, type DynamicModule } from '@nestjs/common';
import { AuthServicesModule } from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import { OrdersController } from './orders.controller.js';

@Module({})
export class AppModule {
  /** `issuer` is the URL of whoever issues your tokens: your Cognito pool, your Keycloak realm, your Auth0 tenant. */
  static with(issuer: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthServicesModule.forRoot({
          rateLimit: { default: { maxRequests: 100, windowSeconds: 60 }, singleProcess: true },
          metrics: { allowAnonymous: true },
          metricsEndpoint: { path: 'metrics' },
        }),
        JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer, audience: 'api' }] }),
      ],
      controllers: [OrdersController],
    };
  }
}
