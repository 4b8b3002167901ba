import { Controller, Get } from '@nestjs/common';
import { RateLimit } from 'nestjs-auth-services';

/** Something to be measured: tokens are validated here, and callers limited. */
@Controller('orders')
export class OrdersController {
  @Get()
  @RateLimit({ name: 'orders', maxRequests: 30, windowSeconds: 60 })
  orders() {
    return { orders: [1, 2, 3] };
  }
}
