import { Controller, Delete, Get, Param, Post, UseGuards } from '@nestjs/common';
import { RateLimiterService, type RateLimiter } from 'nestjs-auth-services';
import { AdminGuard } from './admin.guard.js';

/**
 * A limit that refuses nobody: however many colleagues remind a customer, two reminders a minute are sent. It counts
 * what is done to the customer, not who asks for it.
 */
@Controller('reminders')
export class RemindersController {
  private readonly limiter: RateLimiter;

  constructor(limiters: RateLimiterService) {
    this.limiter = limiters.create({ maxRequests: 2, windowSeconds: 60 });
  }

  @Post(':customer')
  async remind(@Param('customer') customer: string) {
    const sent = await this.limiter.isAllowed(customer);
    return { sent, remaining: await this.limiter.getRemaining(customer) };
  }

  @Get(':customer')
  async remaining(@Param('customer') customer: string) {
    return { remaining: await this.limiter.getRemaining(customer) };
  }

  @Delete(':customer')
  @UseGuards(AdminGuard)
  async forget(@Param('customer') customer: string) {
    await this.limiter.reset(customer);
    return { remaining: await this.limiter.getRemaining(customer) };
  }

  @Delete()
  @UseGuards(AdminGuard)
  async forgetAll() {
    // Of this limiter only: everybody's other limits stay as they are.
    await this.limiter.clearAll();
    return { forgotten: 'all' };
  }
}
