import { Module, type DynamicModule } from '@nestjs/common';
import { AuthServicesModule } from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import { ExportsController } from './exports.controller.js';
import { LimitsController } from './limits.controller.js';
import { PricesController } from './prices.controller.js';
import { RemindersController } from './reminders.controller.js';
import { ReportsController } from './reports.controller.js';
import { SearchController } from './search.controller.js';

@Module({})
export class AppModule {
  static with(issuer: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        AuthServicesModule.forRoot({
          rateLimit: {
            // What @RateLimit() means, and what other policies leave out. Machines get more, and count apart.
            default: { maxRequests: 5, windowSeconds: 60, m2m: { maxRequests: 20 } },
            // Counts are kept in this process: said on purpose, or a start in production warns about it.
            singleProcess: true,
          },
        }),
        JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer, audience: 'api' }] }),
      ],
      controllers: [
        SearchController,
        ReportsController,
        PricesController,
        ExportsController,
        RemindersController,
        LimitsController,
      ],
    };
  }
}
