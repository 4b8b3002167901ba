import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Audit, CurrentCaller, HumanOnly, M2MOnly, RateLimit, type Caller } from 'nestjs-auth-services';
import { AllowAnonymous } from 'nestjs-auth-services/jwt';

@Resolver()
export class OrdersResolver {
  // A hundred aliases of it in one operation are a hundred logins.
  @AllowAnonymous()
  @RateLimit({ name: 'login', maxRequests: 3, identifier: 'ip' })
  @Mutation(() => Boolean)
  login(@Args('name') name: string): boolean {
    return name === 'alice';
  }

  @HumanOnly()
  @Query(() => String)
  me(@CurrentCaller() caller: Caller): string {
    return caller.userId ?? '';
  }

  @M2MOnly()
  @Audit({ action: 'orders.sync' })
  @Mutation(() => String)
  sync(@CurrentCaller() caller: Caller): string {
    return `synchronised by ${caller.clientId}`;
  }
}
