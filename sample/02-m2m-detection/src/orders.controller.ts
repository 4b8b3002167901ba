import { Controller, Get, Post } from '@nestjs/common';
import { CurrentCaller, HumanOnly, M2MOnly, type Caller } from 'nestjs-auth-services';

const ORDERS = [
  { id: 1, customer: 'alice' },
  { id: 2, customer: 'bob' },
  { id: 3, customer: 'alice' },
];

@Controller()
export class OrdersController {
  /** For both kinds: a service sees every order, everybody else only their own. */
  @Get('orders')
  orders(@CurrentCaller() caller: Caller) {
    // Ask for what you need to be sure of. "Not a machine" is no person: the kind may also be unknown.
    const orders = caller.kind === 'm2m' ? ORDERS : ORDERS.filter(({ customer }) => customer === caller.userId);
    return { kind: caller.kind, orders };
  }

  /** People only: a service has no profile. */
  @Get('profile')
  @HumanOnly()
  profile(@CurrentCaller() caller: Caller) {
    return { profileOf: caller.userId };
  }

  /** Machines only, any of them. */
  @Post('orders/sync')
  @M2MOnly()
  sync(@CurrentCaller() caller: Caller) {
    return { synced: ORDERS.length, by: caller.clientId };
  }

  /** This one machine only. */
  @Post('invoices')
  @M2MOnly({ clientIds: ['billing-service'] })
  invoices(@CurrentCaller() caller: Caller) {
    return { invoiced: ORDERS.length, by: caller.clientId };
  }
}
