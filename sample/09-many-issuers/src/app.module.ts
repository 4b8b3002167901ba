import { Module, type DynamicModule } from '@nestjs/common';
import { AuthServicesModule } from 'nestjs-auth-services';
import { JwtAuthModule, type JwtUser } from 'nestjs-auth-services/jwt';
import { CallersController } from './callers.controller.js';
import { issuers, type IssuerUrls } from './issuers.js';

@Module({})
export class AppModule {
  static with(urls: IssuerUrls): DynamicModule {
    const known = issuers(urls);
    const nameOf = new Map(known.map(({ name, trust }) => [trust.issuer, name]));
    const from = ({ claims }: JwtUser): string => nameOf.get(String(claims['iss']))!;
    return {
      module: AppModule,
      imports: [
        JwtAuthModule.forRoot({ isGlobal: true, issuers: known.map(({ trust }) => trust) }),
        AuthServicesModule.forRoot({
          m2m: { issuers: Object.fromEntries(known.map(({ trust, preset }) => [trust.issuer, preset])) },
          // Two issuers may give the same id to two different callers: limits, audit and @M2MOnly({ clientIds }) have to tell them apart.
          identity: {
            getUserId: (user: JwtUser) => `${from(user)}:${user.id}`,
            getClientId: (user: JwtUser) => (user.clientId === null ? undefined : `${from(user)}:${user.clientId}`),
          },
          rateLimit: { singleProcess: true },
        }),
      ],
      controllers: [CallersController],
    };
  }
}
