import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module, type DynamicModule } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { AuthServicesModule } from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import { OrdersResolver } from './orders.resolver.js';

@Module({})
export class AppModule {
  static with(issuer: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        JwtAuthModule.forRoot({ issuers: [{ issuer, audience: 'api' }], isGlobal: true }),
        AuthServicesModule.forRoot({ m2m: { provider: 'cognito' } }),
        GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
      ],
      providers: [OrdersResolver],
    };
  }
}
