// Real: Nest with both frameworks, real sockets, the limiter with its memory. Faked: the authentication, which believes a
// header. What is asked: which policies a route has, and how often each is asked.
import { Controller, Get, UseGuards, type Type } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { MemoryRateLimitStorage } from '../../src/rate-limit/memory/memory-rate-limit-storage.js';
import { RateLimit } from '../../src/rate-limit/rate-limit.decorator.js';
import type { RateLimitOptions } from '../../src/rate-limit/rate-limit.options.js';
import { SkipRateLimit } from '../../src/rate-limit/skip-rate-limit.decorator.js';
import { ADAPTERS } from '../support/app.js';
import { Auth, OptionalAuth, startLimited, type Limited } from './support/limited-app.js';

/** A class of this name, as two modules may have one each. */
function itemsAt(path: string): Type {
  @Controller(path)
  class ItemsController {
    @Get() @RateLimit({ maxRequests: 1 }) list() {
      return path;
    }
  }
  return ItemsController;
}

describe.each(ADAPTERS)('on %s', (adapter) => {
  let limited: Limited;
  afterEach(() => limited.app.close());
  const start = async (controllers: readonly Type[], options: RateLimitOptions = {}): Promise<void> => {
    limited = await startLimited(adapter, { controllers, options });
  };
  const keys = (): number => (limited.limiting.storage as MemoryRateLimitStorage).stats.keys;
  const statusesOf = async (path: string, calls: number, user = 'ann'): Promise<number[]> => {
    const statuses: number[] = [];
    for (let call = 0; call < calls; call++) statuses.push((await limited.ask(path, { 'x-user': user })).status);
    return statuses;
  };

  it('a policy of the options limits nobody until a route names it', async () => {
    @Controller()
    class Routes {
      @Get('free') free() {}
      @Get('strict') @RateLimit('strict') strict() {}
    }
    await start([Routes], { policies: { strict: { maxRequests: 1 } }, default: { maxRequests: 1 } });
    expect(await statusesOf('/free', 3)).toEqual([200, 200, 200]);
    expect(keys()).toBe(0);
    expect((await limited.ask('/free')).headers.has('ratelimit')).toBe(false);
    expect(await statusesOf('/strict', 2)).toEqual([200, 429]);
  });

  it('an inline policy counts for its route alone, and two classes of one name are told apart', async () => {
    await start([itemsAt('orders'), itemsAt('invoices')]);
    expect(await statusesOf('/orders', 2)).toEqual([200, 429]);
    expect(await statusesOf('/invoices', 2)).toEqual([200, 429]);
  });

  it('a handler that two classes inherit counts for each of them', async () => {
    class Base {
      @Get() @RateLimit({ maxRequests: 1 }) list() {}
    }
    @Controller('a')
    class A extends Base {}
    @Controller('b')
    class B extends Base {}
    await start([A, B]);
    expect([await statusesOf('/a', 2), await statusesOf('/b', 2)]).toEqual([
      [200, 429],
      [200, 429],
    ]);
  });

  it('a named policy is one counter, whichever route is asked', async () => {
    @Controller()
    class Routes {
      @Get('one') @UseGuards(Auth) @RateLimit('shared') one() {}
      @Get('two') @UseGuards(Auth) @RateLimit('shared') two() {}
    }
    await start([Routes], { policies: { shared: { maxRequests: 2 } } });
    expect([...(await statusesOf('/one', 1)), ...(await statusesOf('/two', 2))]).toEqual([200, 200, 429]);
    expect(await statusesOf('/one', 1, 'bob')).toEqual([200]);
  });

  it('a policy by user counts whoever is none by address, and says so once', async () => {
    @Controller()
    class Routes {
      @Get('r') @UseGuards(OptionalAuth) @RateLimit({ maxRequests: 2, identifier: 'user' }) r() {}
    }
    await start([Routes]);
    const anonymous: number[] = [];
    for (let call = 0; call < 3; call++) anonymous.push((await limited.ask('/r')).status);
    expect(anonymous).toEqual([200, 200, 429]);
    expect(await statusesOf('/r', 1)).toEqual([200]);
    expect(limited.warnings).toEqual([expect.stringMatching(/counts by user, and a caller has none.*by address/)]);
  });

  it('an override is asked once for each request, however many figures it changes', async () => {
    let asked = 0;
    const override = async (): Promise<{ maxRequests: number; windowSeconds: number; cost: number }> => {
      asked++;
      return { maxRequests: 10, windowSeconds: 1, cost: 2 };
    };
    @Controller()
    @RateLimit({ override })
    class Routes {
      @Get('r') @UseGuards(Auth) r() {}
    }
    await start([Routes]);
    for (const remaining of ['8', '6', '4']) {
      expect((await limited.ask('/r', { 'x-user': 'ann' })).headers.get('x-ratelimit-remaining')).toBe(remaining);
    }
    expect(asked).toBe(3);
  });

  it('what is skipped never reaches the storage', async () => {
    @Controller()
    @RateLimit({ name: 'all', maxRequests: 1, skipIf: ({ userId }) => userId === 'probe' })
    class Routes {
      @Get('r') @UseGuards(Auth) r() {}
      @Get('health') @SkipRateLimit() health() {}
      @Get('other') @UseGuards(Auth) @SkipRateLimit('all') other() {}
    }
    await start([Routes]);
    expect(await statusesOf('/r', 3, 'probe')).toEqual([200, 200, 200]);
    expect(await statusesOf('/health', 3)).toEqual([200, 200, 200]);
    expect(await statusesOf('/other', 3)).toEqual([200, 200, 200]);
    expect(keys()).toBe(0);
    expect(await statusesOf('/r', 2)).toEqual([200, 429]);
    expect(keys()).toBe(1);
  });
});
