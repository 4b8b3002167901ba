import { Module, type DynamicModule } from '@nestjs/common';
import { AuthServicesModule, type AuthServicesOptions } from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import { OrdersController } from './orders.controller.js';

@Module({})
export class AppModule {
  /** The application as it runs and as it is tested: a test gives its own issuer, and options that it can look into. */
  static with(issuer: string, options: AuthServicesOptions = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthServicesModule.forRoot({
          ...options,
          rateLimit: { default: { maxRequests: 3, windowSeconds: 60 }, singleProcess: true, ...options.rateLimit },
        }),
        JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer, audience: 'api' }] }),
      ],
      controllers: [OrdersController],
    };
  }
}
