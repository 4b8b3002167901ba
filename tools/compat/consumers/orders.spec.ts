// A user's own test suite: Jest, as CommonJS and as ES modules, and Vitest run this one file. describe, it, expect are globals.
import 'reflect-metadata';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AuthServicesModule, HumanOnly, HumanOnlyGuard, RateLimit } from 'nestjs-auth-services';
import { JwtAuthModule } from 'nestjs-auth-services/jwt';
import { ManualClock, RecordingAuditSink, TestIssuer } from 'nestjs-auth-services/testing';

@Controller()
class Orders {
  @Get('orders')
  @RateLimit({ maxRequests: 1, windowSeconds: 60 })
  orders() {
    return [];
  }

  @Get('profile')
  @HumanOnly()
  profile() {
    return 'people only';
  }
}

describe('orders', () => {
  const clock = new ManualClock();
  const sink = new RecordingAuditSink();
  let issuer: TestIssuer;
  let app: INestApplication;
  const start = async (allowEverybody = false): Promise<void> => {
    issuer = await TestIssuer.start();

    @Module({
      imports: [
        AuthServicesModule.forRoot({ now: clock.now, audit: { sinks: [sink] } }),
        JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer: issuer.issuer, audience: 'api' }] }),
      ],
      controllers: [Orders],
    })
    class AppModule {}

    const builder = Test.createTestingModule({ imports: [AppModule] });
    if (allowEverybody) builder.overrideProvider(HumanOnlyGuard).useValue({ canActivate: () => true });
    app = (await builder.compile()).createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
  };
  const get = async (path: string, token: string): Promise<number> => {
    const { port } = app.getHttpServer().address() as { port: number };
    const headers = { authorization: `Bearer ${token}`, connection: 'close' };
    return (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).status;
  };
  afterEach(async () => {
    await app.close();
    await issuer.stop();
    sink.clear();
  });

  it('are limited, and free again when the window has passed', async () => {
    await start();
    const token = await issuer.human();
    expect([await get('/orders', token), await get('/orders', token)]).toEqual([200, 429]);
    clock.advance(60_001);
    expect(await get('/orders', token)).toBe(200);
    await sink.waitFor('request_error', { reason: 'rate_limited' });
  });

  it('refuse machines where people are meant, unless the guard is replaced', async () => {
    await start();
    expect(await get('/profile', await issuer.m2m())).toBe(403);
    await app.close();
    await issuer.stop();
    await start(true);
    expect(await get('/profile', await issuer.m2m())).toBe(200);
  });
});
