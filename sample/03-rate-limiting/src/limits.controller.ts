import { Controller, Delete, Param, UseGuards } from '@nestjs/common';
import { RateLimiterService } from 'nestjs-auth-services';
import { AdminGuard } from './admin.guard.js';

/** For the support desk. */
@Controller('limits')
@UseGuards(AdminGuard)
export class LimitsController {
  constructor(private readonly limiters: RateLimiterService) {}

  /** Gives a user everything back: every route's limit and every limit asked by hand. */
  @Delete('users/:userId')
  async reset(@Param('userId') userId: string) {
    await this.limiters.reset({ user: userId });
    return { reset: userId };
  }

  /** The same for a machine: users and clients never share a counter, even under one id. */
  @Delete('clients/:clientId')
  async resetClient(@Param('clientId') clientId: string) {
    await this.limiters.reset({ client: clientId });
    return { reset: clientId };
  }

  /** Everybody's. */
  @Delete()
  async clear() {
    await this.limiters.clearAll();
    return { reset: 'all' };
  }
}
