// Real: Nest with both frameworks, real sockets, the limiter with its memory. Faked: the authentication, which
// believes a header. What is asked: does the order in which guards are written change who is counted?
import { Controller, Get, Module, Scope, UseGuards, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { describe, expect, it } from '@jest/globals';
import { RateLimit } from '../../src/rate-limit/rate-limit.decorator.js';
import { RateLimitGuard } from '../../src/rate-limit/rate-limit.guard.js';
import { ADAPTERS } from '../support/app.js';
import { Auth, OptionalAuth, startLimited, type LimitedSettings } from './support/limited-app.js';

const LIMIT = { maxRequests: 2 };

@Controller()
class LimitAbove {
  @Get('r') @RateLimit(LIMIT) @UseGuards(Auth) r() {
    return 'ok';
  }
}
@Controller()
class AuthAbove {
  @Get('r') @UseGuards(Auth) @RateLimit(LIMIT) r() {
    return 'ok';
  }
}
@Controller()
@UseGuards(Auth)
class AuthOnClass {
  @Get('r') @RateLimit(LIMIT) r() {
    return 'ok';
  }
}
@Controller()
@RateLimit(LIMIT)
class LimitOnClass {
  @Get('r') @UseGuards(Auth) r() {
    return 'ok';
  }
}
@Controller()
class Bare {
  @Get('r') r() {
    return 'ok';
  }
}
@Controller()
@RateLimit(LIMIT)
class LimitOnBoth {
  @Get('r') @UseGuards(Auth) @RateLimit(LIMIT) r() {
    return 'ok';
  }
}
@Module({ providers: [{ provide: APP_GUARD, useClass: Auth }] })
class GlobalAuthModule {}

const GLOBAL = { globalRateLimit: true, options: { default: LIMIT } };
const only = (controller: Type): LimitedSettings => ({ controllers: [controller] });

const ROWS: [string, LimitedSettings][] = [
  ['@RateLimit above @UseGuards(Auth) on a method', only(LimitAbove)],
  ['@UseGuards(Auth) above @RateLimit on a method', only(AuthAbove)],
  ['@UseGuards(Auth) on the class, @RateLimit on the method', only(AuthOnClass)],
  ['@RateLimit on the class, @UseGuards(Auth) on the method', only(LimitOnClass)],
  ['both global, the limiter imported first', { ...GLOBAL, controllers: [Bare], after: [GlobalAuthModule] }],
  ['both global, the authentication imported first', { ...GLOBAL, controllers: [Bare], before: [GlobalAuthModule] }],
  [
    'both global, the authentication in the root module',
    { ...GLOBAL, controllers: [Bare], providers: [{ provide: APP_GUARD, useClass: Auth }] },
  ],
  [
    'both global, the limiter in the root module, the authentication in an imported one',
    {
      ...GLOBAL,
      controllers: [Bare],
      after: [GlobalAuthModule],
      providers: [{ provide: APP_GUARD, useExisting: RateLimitGuard }],
    },
  ],
  [
    'both global, the authentication made anew for each request, which Nest runs last',
    { ...GLOBAL, controllers: [Bare], providers: [{ provide: APP_GUARD, useClass: Auth, scope: Scope.REQUEST }] },
  ],
  ['@RateLimit on class and method', only(LimitOnBoth)],
  ['@RateLimit on class and method, and globally', { ...GLOBAL, controllers: [LimitOnBoth] }],
];

describe.each(ADAPTERS)('on %s', (adapter) => {
  it.each(ROWS)('%s: counts each request once, and by user', async (_name, settings) => {
    const { app, ask } = await startLimited(adapter, settings);
    const remaining: (string | null)[] = [];
    for (const user of ['ann', 'ann', 'bob']) {
      const answer = await ask('/r', { 'x-user': user });
      expect(answer.status).toBe(200);
      remaining.push(answer.headers.get('x-ratelimit-remaining'));
    }
    expect(remaining).toEqual(['1', '0', '1']);
    expect((await ask('/r', { 'x-user': 'ann' })).status).toBe(429);
    expect((await ask('/r', { 'x-user': 'bob' })).status).toBe(200);
    await app.close();
  });

  it('a request that authentication refuses is not counted against a user policy, and costs its address nothing', async () => {
    const { app, ask } = await startLimited(adapter, only(AuthAbove));
    for (let i = 0; i < 4; i++) expect((await ask('/r')).status).toBe(401);
    expect((await ask('/r', { 'x-user': 'ann' })).headers.get('x-ratelimit-remaining')).toBe('1');
    await app.close();
  });

  it('a policy by address counts before authentication, so that refused logins are limited', async () => {
    @Controller()
    class Login {
      @Get('r') @UseGuards(Auth) @RateLimit({ ...LIMIT, identifier: 'ip' }) r() {
        return 'ok';
      }
    }
    const { app, ask } = await startLimited(adapter, only(Login));
    expect([(await ask('/r')).status, (await ask('/r')).status, (await ask('/r')).status]).toEqual([401, 401, 429]);
    expect((await ask('/r', { 'x-user': 'ann' })).status).toBe(429);
    await app.close();
  });

  it('a public route falls back to the address, behind all guards', async () => {
    @Controller()
    class Public {
      @Get('r') @UseGuards(OptionalAuth) @RateLimit(LIMIT) r() {
        return 'ok';
      }
    }
    const { app, ask, events } = await startLimited(adapter, only(Public));
    expect([(await ask('/r')).status, (await ask('/r')).status, (await ask('/r')).status]).toEqual([200, 200, 429]);
    expect((await ask('/r', { 'x-user': 'ann' })).status).toBe(200);
    const identities = events.filter((event) => event.type === 'rate_limit.decided').map(({ identity }) => identity);
    expect(identities).toEqual(['ip:127.0.0.1', 'ip:127.0.0.1', 'ip:127.0.0.1', 'user:ann']);
    await app.close();
  });

  it('what was charged by address is given back when the user policy refuses behind it', async () => {
    @Controller()
    class Both {
      @Get('r')
      @UseGuards(Auth)
      @RateLimit([
        { name: 'address', maxRequests: 5, identifier: 'ip' },
        { name: 'person', maxRequests: 1 },
      ])
      r() {
        return 'ok';
      }
    }
    const { app, ask } = await startLimited(adapter, only(Both));
    const first = await ask('/r', { 'x-user': 'ann' });
    expect(first.headers.get('ratelimit')).toBe('"address";r=4;t=60, "person";r=0;t=60');
    for (let i = 0; i < 10; i++) {
      const refused = await ask('/r', { 'x-user': 'ann' });
      expect(refused.status).toBe(429);
      expect(refused.headers.get('ratelimit')).toBe('"address";r=4;t=60, "person";r=0;t=60');
    }
    expect((await ask('/r', { 'x-user': 'bob' })).headers.get('ratelimit')).toBe(
      '"address";r=3;t=60, "person";r=0;t=60',
    );
    await app.close();
  });

  it('a refused request shows both phases and does not reach the handler', async () => {
    let handled = 0;
    @Controller()
    class Late {
      @Get('r') @UseGuards(Auth) @RateLimit({ maxRequests: 1 }) r() {
        return ++handled;
      }
    }
    const { app, ask } = await startLimited(adapter, only(Late));
    for (let i = 0; i < 3; i++) await ask('/r', { 'x-user': 'ann' });
    expect(handled).toBe(1);
    await app.close();
  });

  it('@UseGuards(RateLimitGuard) alone has no late guard behind it, and therefore never puts anything off', async () => {
    @Controller()
    class ByHand {
      @Get('r') @UseGuards(RateLimitGuard, Auth) r() {
        return 'ok';
      }
    }
    const { app, ask } = await startLimited(adapter, { controllers: [ByHand], options: { default: LIMIT } });
    const as = { 'x-user': 'ann' };
    expect([(await ask('/r', as)).status, (await ask('/r', as)).status, (await ask('/r', as)).status]).toEqual([
      200, 200, 429,
    ]);
    await app.close();
  });
});
