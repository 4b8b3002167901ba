import { Controller, Get } from '@nestjs/common';
import { RateLimit, type RateLimitPolicy } from 'nestjs-auth-services';

/** One budget for all reports, because its name is one: ten points a minute, however they are spent. */
const BUDGET: RateLimitPolicy = { name: 'reports', maxRequests: 10, windowSeconds: 60 };

@Controller('reports')
export class ReportsController {
  @Get('light')
  @RateLimit(BUDGET)
  light() {
    return { report: 'light' };
  }

  /** As dear as five light ones. */
  @Get('heavy')
  @RateLimit({ ...BUDGET, cost: 5 })
  heavy() {
    return { report: 'heavy' };
  }
}
