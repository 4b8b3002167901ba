// Real: Nest's own metadata, as its decorators write it. Nothing is faked.
import { Controller, Get, Injectable, SetMetadata, UseGuards } from '@nestjs/common';
import { GUARDS_METADATA, INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import { describe, expect, it } from '@jest/globals';
import { lateRateLimitGuard } from '../../src/rate-limit/late-rate-limit.guard.js';
import { RateLimit } from '../../src/rate-limit/rate-limit.decorator.js';
import { RateLimitGuard } from '../../src/rate-limit/rate-limit.guard.js';
import { rateLimitInterceptor } from '../../src/rate-limit/rate-limit.interceptor.js';
import { placeBehind } from '../../src/startup/behind-guards.js';

@Injectable()
class Auth {
  canActivate(): boolean {
    return true;
  }
}
const Marked = (): MethodDecorator => SetMetadata('message', 'orders');

@Controller()
class Orders {
  @Get('mine') @UseGuards(Auth) @RateLimit() mine() {}
  @Get('all') all() {}
  @Marked() onMessage() {}
  @Get('both') @Marked() both() {}
  helper() {}
}
const { prototype } = Orders;
const listOf = (key: string, name: 'mine' | 'all' | 'onMessage' | 'both' | 'helper'): unknown =>
  Reflect.getMetadata(key, prototype[name]);
const place = (): void =>
  placeBehind([Orders], ({ name }) =>
    name === 'all' ? undefined : { guard: lateRateLimitGuard, interceptor: rateLimitInterceptor, aroundRoutes: false },
  );

describe('what stands behind all guards', () => {
  it('comes last of a method, whatever the order of its decorators, and once for all applications of the process', () => {
    place();
    place();
    expect(listOf(GUARDS_METADATA, 'mine')).toEqual([RateLimitGuard, Auth, lateRateLimitGuard]);
  });

  it('puts no interceptor on an HTTP route, whose end the socket tells: it would cost more than all its guards', () => {
    place();
    expect(listOf(INTERCEPTORS_METADATA, 'mine')).toBeUndefined();
  });

  it('puts one around a message handler, which has no response that ends', () => {
    place();
    expect(listOf(GUARDS_METADATA, 'onMessage')).toEqual([lateRateLimitGuard]);
    expect(listOf(INTERCEPTORS_METADATA, 'onMessage')).toEqual([rateLimitInterceptor]);
  });

  it('puts one around a method that is both, in a hybrid application: its messages have no response either', () => {
    place();
    expect(listOf(INTERCEPTORS_METADATA, 'both')).toEqual([rateLimitInterceptor]);
  });

  it('leaves alone what is not limited, and methods that nobody calls from outside', () => {
    place();
    expect(listOf(GUARDS_METADATA, 'all')).toBeUndefined();
    expect(listOf(GUARDS_METADATA, 'helper')).toBeUndefined();
  });
});
