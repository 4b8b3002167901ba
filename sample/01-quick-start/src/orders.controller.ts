import { Controller, Get, Post } from '@nestjs/common';
import { Audit, CurrentCaller, HumanOnly, M2MOnly, RateLimit, type Caller } from 'nestjs-auth-services';
import { AllowAnonymous } from 'nestjs-auth-services/jwt';

@Controller()
export class OrdersController {
  /** Anybody with a valid token, a person or a machine. */
  @Get('orders')
  @RateLimit()
  orders(@CurrentCaller() caller: Caller) {
    return { orders: [1, 2, 3], for: caller.userId ?? caller.clientId, kind: caller.kind };
  }

  /** People only: a machine gets a 403. */
  @Get('profile')
  @HumanOnly()
  profile(@CurrentCaller() caller: Caller) {
    return { profileOf: caller.userId };
  }

  /** Machines only, and each run leaves an audit event with its action. */
  @Post('sync')
  @M2MOnly()
  @Audit({ action: 'orders.sync', metadata: (_caller, result: { synced: number }) => ({ synced: result.synced }) })
  sync() {
    return { synced: 3 };
  }

  /** Three calls in ten seconds for each caller; the fourth is a 429. */
  @Get('report')
  @RateLimit({ maxRequests: 3, windowSeconds: 10 })
  report() {
    return { report: 'heavy' };
  }

  @Get('hello')
  @AllowAnonymous()
  hello(@CurrentCaller() caller: Caller) {
    return { hello: caller.userId ?? caller.clientId ?? 'stranger' };
  }
}
