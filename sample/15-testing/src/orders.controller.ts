import { Controller, Get, Param, Post } from '@nestjs/common';
import { Audit, CurrentCaller, HumanOnly, M2MOnly, RateLimit, type Caller } from 'nestjs-auth-services';

@Controller('orders')
export class OrdersController {
  @Get()
  @RateLimit()
  list(@CurrentCaller() caller: Caller) {
    return { orders: [1, 2, 3], for: caller.userId ?? caller.clientId };
  }

  @Post(':id/refund')
  @HumanOnly()
  @Audit({ action: 'orders.refund', metadata: (_caller, result: { refunded: string }) => ({ order: result.refunded }) })
  refund(@Param('id') id: string) {
    return { refunded: id };
  }

  @Post('sync')
  @M2MOnly({ scopes: ['orders:write'] })
  sync() {
    return { synced: 3 };
  }
}
