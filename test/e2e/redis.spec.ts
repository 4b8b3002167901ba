// Real: the whole module on both frameworks, loopback sockets, a redis-server that is killed and started again, ioredis. Faked:
// nothing; the logger writes into a list.
import type { LoggerService } from '@nestjs/common';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { AuthServicesModule, MetricsCollector, RateLimit } from '../../src/index.js';
import { RedisRateLimitStorage } from '../../src/redis/index.js';
import { ADAPTERS, startApp, type RunningApp } from '../support/app.js';
import { RedisServer, until } from '../support/redis-server.js';

@Controller()
class Routes {
  @Get('shared') @RateLimit({ name: 'shared', maxRequests: 4, windowSeconds: 600 }) shared(): string {
    return 'shared';
  }
  @Get('two')
  @RateLimit([
    { name: 'burst', maxRequests: 3, windowSeconds: 600 },
    { name: 'pace', algorithm: 'gcra', maxRequests: 100, burst: 10, windowSeconds: 600 },
  ])
  two(): string {
    return 'two';
  }
  @Post('login')
  @RateLimit({ name: 'login', maxRequests: 9, windowSeconds: 600, onStoreFailure: 'closed' })
  login(): string {
    return 'in';
  }
}

describe.each(ADAPTERS)('limits kept in Redis, on %s', (adapter) => {
  let server: RedisServer;
  let redis: Redis;
  let apps: RunningApp[];
  const lines: string[] = [];
  const note = (line: unknown): void => void lines.push(String(line));
  const logger: LoggerService = { log: () => undefined, error: note, warn: note };

  beforeEach(async () => {
    lines.length = 0;
    server = await RedisServer.start();
    redis = new Redis({ port: server.port, host: '127.0.0.1', retryStrategy: () => 50 });
    redis.on('error', () => undefined);
    const start = (): Promise<RunningApp> => {
      // Longer than the default: a busy machine is no outage.
      const storage = new RedisRateLimitStorage(redis, { deadlineMs: 500 });
      @Module({
        imports: [AuthServicesModule.forRoot({ audit: { sinks: [] }, rateLimit: { storage, expectedProcesses: 2 } })],
        controllers: [Routes],
      })
      class App {}
      return startApp(adapter, App, { logger });
    };
    apps = [await start(), await start()];
    await until(() => redis.status === 'ready', 'the client is ready');
  });
  afterEach(async () => {
    for (const app of apps) await app.close();
    redis.disconnect();
    await server.stop();
  });

  const get = (path: string, app = 0): Promise<Response> => fetch(apps[app]!.url + path);
  const header = (response: Response, name: string): string | null => response.headers.get(name);
  const outages = (): string[] => lines.filter((line) => line.includes('rate-limit storage'));
  const storeStates = (): string[] =>
    apps
      .map(({ app }) => app.get(MetricsCollector).toPrometheus())
      .flatMap((page) => page.match(/^\S*store\S* .*/gm) ?? []);

  it('count for two applications together, and say so in the headers of each', async () => {
    for (const [app, remaining] of [0, 1, 0, 1].map((which, call) => [which, 3 - call] as const)) {
      const response = await get('/shared', app);
      expect(response.status).toBe(200);
      expect(header(response, 'x-ratelimit-limit')).toBe('4');
      expect(header(response, 'x-ratelimit-remaining')).toBe(String(remaining));
      expect(header(response, 'ratelimit-policy')).toBe('"shared";q=4;w=600');
      expect(header(response, 'ratelimit')).toMatch(new RegExp(`^"shared";r=${remaining};t=(600|59\\d)$`));
    }
    for (const app of [0, 1]) {
      const refused = await get('/shared', app);
      expect(refused.status).toBe(429);
      expect(Number(header(refused, 'retry-after'))).toBeGreaterThan(500);
      expect(header(refused, 'x-ratelimit-remaining')).toBe('0');
      expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
    }
  });

  it('decide several policies of different algorithms together, with the headers of both', async () => {
    for (const remaining of [2, 1, 0]) {
      const response = await get('/two', remaining % 2);
      expect(response.status).toBe(200);
      expect(header(response, 'ratelimit-policy')).toContain('"burst";q=3;w=600');
      expect(header(response, 'ratelimit')).toContain(`"burst";r=${remaining}`);
      expect(header(response, 'ratelimit')).toContain(`"pace";r=${remaining + 7}`);
    }
    const refused = await get('/two');
    expect(refused.status).toBe(429);
    // What one refuses, the other is not charged for.
    expect(header(refused, 'ratelimit')).toContain('"pace";r=7');
  });

  it('go on in shares while Redis is away, tell it once, and are counted together again when it is back', async () => {
    expect((await get('/shared')).status).toBe(200);
    await server.kill();
    await until(() => redis.status !== 'ready', 'the client has noticed');
    expect((await fetch(`${apps[0]!.url}/login`, { method: 'POST' })).status).toBe(503);
    const answers = [];
    for (let call = 0; call < 4; call++) answers.push(await get('/shared'));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    expect(header(answers[0]!, 'x-ratelimit-limit')).toBe('2');
    expect(header(answers[0]!, 'x-ratelimit-remaining')).toBe('1');
    expect(header(answers[0]!, 'ratelimit')).toMatch(/^"shared";r=1;t=\d+$/);
    expect(await answers[2]!.json()).toMatchObject({ code: 'rate_limited' });
    expect(outages()).toHaveLength(1);
    expect(storeStates().some((line) => line.endsWith('_up 0'))).toBe(true);
    await server.start();
    const isBack = async (): Promise<boolean> => {
      await get('/two');
      return outages().length === 2;
    };
    await until(isBack, 'it is back, and said so');
    expect(storeStates().every((line) => !line.endsWith('_up 0'))).toBe(true);
    const back = await get('/shared');
    expect(back.status).toBe(200);
    expect(header(back, 'x-ratelimit-limit')).toBe('4');
  });
});
