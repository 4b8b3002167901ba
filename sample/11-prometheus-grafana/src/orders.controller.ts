import { Controller, Get } from '@nestjs/common';
import { RateLimit } from 'nestjs-auth-services';
import { AllowAnonymous } from 'nestjs-auth-services/jwt';

@Controller()
export class OrdersController {
  @Get('orders')
  @RateLimit()
  orders() {
    return { orders: [1, 2, 3] };
  }

  /** Heavy: few at a time. */
  @Get('report')
  @RateLimit('report')
  report() {
    return { report: 'heavy' };
  }

  /** A limit that is only tried out: it says whom it would refuse. */
  @Get('search')
  @RateLimit('trial')
  search() {
    return { found: [] };
  }

  @Get('hello')
  @AllowAnonymous()
  hello() {
    return { hello: 'stranger' };
  }
}
