import { Module, type DynamicModule } from '@nestjs/common';
import { AuthServicesModule } from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import { OrdersController } from './orders.controller.js';
import { TokenController } from './token.controller.js';

@Module({})
export class AppModule {
  static with(issuer: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        // The provider decides which claims tell a machine from a person.
        // With several pools or providers: m2m: { issuers: { 'https://…': 'cognito', 'https://…': 'keycloak' } }.
        AuthServicesModule.forRoot({ m2m: { provider: 'cognito' }, rateLimit: { singleProcess: true } }),
        JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer, audience: 'api' }] }),
      ],
      controllers: [OrdersController, TokenController],
    };
  }
}
