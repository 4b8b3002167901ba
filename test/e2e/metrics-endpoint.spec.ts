// Real: the module under a global JwtAuthGuard and global limits, both frameworks, loopback sockets, signed tokens.
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { AuditLogger, AuthServicesModule, MetricsCollector, type MetricsOptions } from '../../src/index.js';
import { JwtAuthGuard, JwtAuthModule } from '../../src/jwt/index.js';
import { RecordingAuditSink, TestIssuer } from '../../src/testing/index.js';
import { ADAPTERS, startApp, type RunningApp } from '../support/app.js';

const SCRAPE_TOKEN = 'a-token-for-the-scraper-only';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

@Controller()
class Routes {
  @Get('open') open() {
    return 'open';
  }
}

@Controller()
@UseGuards(JwtAuthGuard)
class GuardedRoutes {
  @Get('open') open() {
    return 'open';
  }
}

describe.each(ADAPTERS)('the metrics endpoint of a guarded application on %s', (adapter) => {
  const sink = new RecordingAuditSink();
  let issuer: TestIssuer;
  let running: RunningApp;
  let person: string;

  const start = (metrics: MetricsOptions): Promise<RunningApp> => {
    @Module({
      imports: [
        AuthServicesModule.forRoot({
          globalRateLimit: true,
          rateLimit: { default: { maxRequests: 3 } },
          audit: { sinks: [sink] },
          metrics,
          metricsEndpoint: {},
        }),
        JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer: issuer.issuer, audience: 'api' }] }),
      ],
      controllers: [Routes],
    })
    class App {}
    return startApp(adapter, App, { configure: (app) => app.setGlobalPrefix('api') });
  };

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    person = await issuer.human();
    running = await start({ token: SCRAPE_TOKEN });
  });
  afterAll(async () => {
    await running.close();
    await issuer.stop();
  });

  it('lets the scraper through with its own token, as often as it likes, unlogged, and counts no failed validation', async () => {
    for (let scrape = 0; scrape < 5; scrape++) {
      const response = await fetch(`${running.url}/api/metrics`, { headers: bearer(SCRAPE_TOKEN) });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('auth_token_validations_total');
    }
    await running.app.get(AuditLogger).flush();
    expect(sink.events).toEqual([]);
    expect(running.app.get(MetricsCollector).getMetrics().tokensFailed).toBe(0);
  });

  it('refuses everybody else, users of the application too', async () => {
    for (const headers of [{}, bearer('guess'), bearer(person)]) {
      const response = await fetch(`${running.url}/api/metrics`, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  it('does not open any other route to the scraper', async () => {
    expect((await fetch(`${running.url}/api/open`, { headers: bearer(SCRAPE_TOKEN) })).status).toBe(401);
    expect((await fetch(`${running.url}/api/open`, { headers: bearer(person) })).status).toBe(200);
  });

  it('lets the application decide about its own users', async () => {
    const own = await start({ authorize: ({ user }) => user?.id === 'admin' });
    const status = async (token: string) => (await fetch(`${own.url}/api/metrics`, { headers: bearer(token) })).status;
    expect(await status(await issuer.human(undefined, { sub: 'admin' }))).toBe(200);
    expect(await status(person)).toBe(403);
    expect(await status('nonsense')).toBe(403);
    await own.close();
  });

  it('answers with the snapshot as JSON to who asks for it', async () => {
    const response = await fetch(`${running.url}/api/metrics`, {
      headers: { ...bearer(SCRAPE_TOKEN), accept: 'application/json' },
    });
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({
      uptimeSeconds: expect.any(Number),
      successRate: expect.any(Number),
      errorsByType: expect.any(Object),
      callers: { human: expect.any(Number) },
      audit: { written: expect.any(Number), dropped: 0 },
    });
  });
});

describe('JwtAuthGuard in a user’s test', () => {
  it.each([true, false])('is replaced by overrideProvider (global: %p)', async (isGlobal) => {
    const module = await Test.createTestingModule({
      imports: [
        AuthServicesModule.forRoot({ audit: { logToConsole: false } }),
        JwtAuthModule.forRoot({ isGlobal, issuers: [{ issuer: 'http://127.0.0.1:1/', audience: 'api' }] }),
      ],
      controllers: [isGlobal ? Routes : GuardedRoutes],
    })
      .overrideProvider(JwtAuthGuard)
      .useValue({ canActivate: () => true })
      .compile();
    const app = module.createNestApplication({ logger: false });
    await app.init();
    await request(app.getHttpServer()).get('/open').expect(200);
    await app.close();
  });
});
