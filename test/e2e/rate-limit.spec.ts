// Real: the module, both frameworks, loopback sockets, the memory storage. Faked: authentication, by a header
// (test/support/header-auth), and the clock.
import { Controller, Get, Module, Post, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  AuditLogger,
  AuthServicesModule,
  MetricsCollector,
  RateLimit,
  RateLimiterService,
  SkipRateLimit,
  type AuthServicesExtras,
  type AuthServicesOptions,
} from '../../src/index.js';
import { ManualClock, RecordingAuditSink } from '../../src/testing/index.js';
import { ADAPTERS, startApp, until, type RunningApp } from '../support/app.js';
import { HeaderAuthGuard } from '../support/header-auth.js';

@Controller()
class Routes {
  @Get('open') open() {
    return 'open';
  }
  @Get('guarded') @UseGuards(HeaderAuthGuard) guarded() {
    return 'guarded';
  }
  @Get('inline') @RateLimit({ maxRequests: 2 }) @UseGuards(HeaderAuthGuard) inline() {
    return 'inline';
  }
  @Get('named') @RateLimit('reports') @UseGuards(HeaderAuthGuard) named() {
    return 'named';
  }
  @Get('both') @RateLimit(['reports', { maxRequests: 1, windowSeconds: 1 }]) @UseGuards(HeaderAuthGuard) both() {
    return 'both';
  }
  @Post('skipped') @SkipRateLimit() skipped() {
    return 'skipped';
  }
}

describe.each(ADAPTERS)('limits of the whole module on %s', (adapter) => {
  const sink = new RecordingAuditSink();
  const clock = new ManualClock(1_800_000_000_000);
  let running: RunningApp;

  async function start(options: AuthServicesOptions & AuthServicesExtras, globalAuth = false): Promise<void> {
    const rateLimit = { policies: { reports: { maxRequests: 10 } }, ...options.rateLimit };
    @Module({
      imports: [
        AuthServicesModule.forRoot({
          audit: { sinks: [sink] },
          m2m: { provider: 'cognito' },
          now: clock.now,
          ...options,
          rateLimit,
        }),
      ],
      controllers: [Routes],
      providers: globalAuth ? [{ provide: APP_GUARD, useClass: HeaderAuthGuard }] : [],
    })
    class App {}
    running = await startApp(adapter, App);
  }
  beforeEach(() => sink.clear());
  afterEach(() => running.close());

  const get = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
    fetch(running.url + path, { ...init, headers });
  const alice = { 'x-user': 'alice' };

  describe('perIp, the floor under everything', () => {
    const perIp = { maxRequests: 3, windowSeconds: 60 };

    it('counts what no guard and no route ever sees: 404s and refused logins', async () => {
      await start({ rateLimit: { perIp } });
      expect((await get('/nowhere')).status).toBe(404);
      expect((await get('/guarded')).status).toBe(401);
      expect((await get('/open')).status).toBe(200);
      for (const path of ['/open', '/nowhere', '/guarded']) {
        const refused = await get(path);
        expect(refused.status).toBe(429);
        expect(refused.headers.get('retry-after')).toBe('60');
        expect(refused.headers.get('x-ratelimit-limit')).toBe('3');
        expect(await refused.json()).toMatchObject({
          statusCode: 429,
          error: 'Too Many Requests',
          code: 'rate_limited',
        });
      }
      clock.advance(60_000);
      expect((await get('/open')).status).toBe(200);
    });

    it('never counts CORS preflights, which a browser sends by itself', async () => {
      await start({ rateLimit: { perIp } });
      const preflight = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' };
      for (let call = 0; call < 5; call++) await get('/open', preflight, { method: 'OPTIONS' });
      expect((await get('/open')).status).toBe(200);
    });

    it('leaves alone what skipIf names, by address and path', async () => {
      await start({ rateLimit: { perIp: { ...perIp, skipIf: (ip, path) => ip === '127.0.0.1' && path === '/open' } } });
      for (let call = 0; call < 5; call++) expect((await get('/open?x=1')).status).toBe(200);
      for (let call = 0; call < 3; call++) await get('/nowhere');
      expect((await get('/nowhere')).status).toBe(429);
    });

    it('leaves one audit event for what it refuses, as rate_limited', async () => {
      await start({ rateLimit: { perIp: { maxRequests: 0, windowSeconds: 60 } } });
      const refused = await get('/open');
      expect(refused.status).toBe(429);
      expect(refused.headers.has('retry-after')).toBe(false);
      const audit = running.app.get(AuditLogger);
      await until(() => audit.status.queued > 0 || sink.events.length > 0, 'the event is logged');
      await audit.flush();
      expect(sink.events).toMatchObject([
        { eventType: 'request_error', outcome: 'denied', reason: 'rate_limited', statusCode: 429 },
      ]);
      expect(running.app.get(MetricsCollector).getMetrics().rateLimit.denied).toBe(1);
    });
  });

  describe('globalRateLimit', () => {
    const options = { globalRateLimit: true, rateLimit: { default: { maxRequests: 2, windowSeconds: 60 } } };

    it('limits every route by its caller, each route for itself, except those that skip it', async () => {
      await start(options);
      expect([(await get('/guarded', alice)).status, (await get('/guarded', alice)).status]).toEqual([200, 200]);
      expect((await get('/guarded', alice)).status).toBe(429);
      expect((await get('/guarded', { 'x-user': 'bob' })).status).toBe(200);
      expect((await get('/open')).status).toBe(200);
      for (let call = 0; call < 4; call++) expect((await get('/skipped', {}, { method: 'POST' })).status).toBe(201);
    });

    it('counts by user also when authentication is global and was registered after it', async () => {
      await start(options, true);
      for (let call = 0; call < 2; call++) expect((await get('/open', alice)).status).toBe(200);
      expect((await get('/open', alice)).status).toBe(429);
      expect((await get('/open', { 'x-user': 'bob' })).status).toBe(200);
      expect((await get('/open', { 'x-machine': 'billing' })).status).toBe(200);
    });

    it('counts a decorated route once, not once more for the decorator', async () => {
      await start(options);
      const first = await get('/inline', alice);
      expect(first.headers.get('x-ratelimit-remaining')).toBe('1');
      expect(first.headers.get('ratelimit')).toBe('"default";r=1;t=60');
    });
  });

  it('gives a user the quota of every route back by one reset, and nobody else', async () => {
    await start({ rateLimit: { policies: { reports: { maxRequests: 1 } } } });
    const use = async (who: Record<string, string>) => {
      await get('/inline', who);
      await get('/inline', who);
      await get('/named', who);
      return [(await get('/inline', who)).status, (await get('/named', who)).status];
    };
    expect(await use(alice)).toEqual([429, 429]);
    expect(await use({ 'x-user': 'bob' })).toEqual([429, 429]);
    await running.app.get(RateLimiterService).reset({ user: 'alice' });
    expect([(await get('/inline', alice)).status, (await get('/named', alice)).status]).toEqual([200, 200]);
    expect((await get('/inline', { 'x-user': 'bob' })).status).toBe(429);
  });

  it('decides several policies of one caller together: a refused call is charged to none of them', async () => {
    await start({ rateLimit: { policies: { reports: { maxRequests: 10 } } } });
    expect((await get('/both', alice)).status).toBe(200);
    for (let call = 0; call < 5; call++) {
      const refused = await get('/both', alice);
      expect(refused.status).toBe(429);
      expect(refused.headers.get('retry-after')).toBe('1');
    }
    const named = await get('/named', alice);
    expect(named.headers.get('x-ratelimit-remaining')).toBe('8');
    expect(named.headers.get('ratelimit-policy')).toBe('"reports";q=10;w=60');
  });

  it('shows on the metrics page how many calls shared one bucket, once rateLimit.maxKeys has no room for more callers', async () => {
    await start({ rateLimit: { maxKeys: 2, policies: { reports: { maxRequests: 1 } } } });
    const users = ['ann', 'bob', 'cid', 'dan', 'eve'];
    const statuses: number[] = [];
    for (const user of users) statuses.push((await get('/named', { 'x-user': user })).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const metrics = running.app.get(MetricsCollector);
    expect(metrics.toPrometheus()).toContain('\nauth_rate_limit_overflow_total 3\n');
    expect(metrics.getMetrics().rateLimit).toMatchObject({ allowed: 3, denied: 2, overflowed: 3 });
  });

  it('gives machines what the m2m part says, counted apart', async () => {
    await start({ rateLimit: { policies: { reports: { maxRequests: 1, m2m: { maxRequests: 50 } } } } });
    const machine = await get('/named', { 'x-machine': 'billing' });
    expect(machine.headers.get('x-ratelimit-limit')).toBe('50');
    expect((await get('/named', alice)).headers.get('x-ratelimit-limit')).toBe('1');
  });

  it.each([
    ['both', true, true],
    ['legacy', true, false],
    ['draft', false, true],
    [false, false, false],
  ] as const)('sends the headers that rateLimit.headers says: %p', async (headers, legacy, draft) => {
    await start({ rateLimit: { headers, policies: { reports: { maxRequests: 1 } } } });
    for (const status of [200, 429]) {
      const response = await get('/named', alice);
      expect(response.status).toBe(status);
      expect(response.headers.has('x-ratelimit-limit')).toBe(legacy);
      expect(response.headers.has('ratelimit')).toBe(draft);
      expect(response.headers.has('retry-after')).toBe(status === 429);
      if (legacy) expect(response.headers.get('x-ratelimit-reset')).toBe(String(Math.ceil(clock.now() / 1000) + 60));
    }
  });
});
