import { Controller, UseGuards } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { Audit, CurrentCaller, M2MOnly, RateLimit, type Caller } from 'nestjs-auth-services';
import { TokenGuard } from './token.guard.js';

@Controller()
export class OrdersController {
  @MessagePattern('orders.sync')
  @M2MOnly()
  @RateLimit({ maxRequests: 2, windowSeconds: 10 })
  @UseGuards(TokenGuard)
  @Audit({ action: 'orders.sync' })
  sync(@CurrentCaller() caller: Caller) {
    return { by: caller.clientId };
  }
}
