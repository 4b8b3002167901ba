import { Module, type DynamicModule } from '@nestjs/common';
import { AuthServicesModule } from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import { ChatGateway } from './chat.gateway.js';

@Module({})
export class AppModule {
  static with(issuer: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        JwtAuthModule.forRoot({ issuers: [{ issuer, audience: 'api' }] }),
        AuthServicesModule.forRoot({ m2m: { provider: 'cognito' } }),
      ],
      providers: [ChatGateway],
    };
  }
}
