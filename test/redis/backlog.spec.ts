// Real: a redis-server and ioredis. Faked: nothing.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisRateLimitStorage } from '../../src/redis/index.js';
import { compilePolicy } from '../../src/rate-limit/compiled-policy.js';
import { connectTo, type TestClient } from '../support/redis-clients.js';
import { RedisServer } from '../support/redis-server.js';

describe('more callers than two batches hold', () => {
  let server: RedisServer;
  let connected: TestClient;
  beforeAll(async () => {
    server = await RedisServer.start();
    connected = await connectTo('ioredis', server.port);
  });
  afterAll(async () => {
    await connected.end();
    await server.stop();
  });

  const asking = async (storage: RedisRateLimitStorage, untilMs: number): Promise<number> => {
    const { charges } = compilePolicy({ maxRequests: 100, windowSeconds: 60 }, 'api', 'name:api');
    let answered = 0;
    const ask = async (caller: number): Promise<void> => {
      while (performance.now() < untilMs) {
        await storage.consume(`user:${caller}`, charges);
        answered++;
      }
    };
    await Promise.all(Array.from({ length: 600 }, (_, caller) => ask(caller)));
    return answered;
  };

  it('are each waited for by their own deadline, because what waits never empties and the first of it is long answered', async () => {
    const deadlineMs = 1000;
    const storage = new RedisRateLimitStorage(connected.client, { prefix: 'backlog', deadlineMs, denyCache: false });
    const answered = await asking(storage, performance.now() + 3 * deadlineMs);
    expect(answered).toBeGreaterThan(600);
    storage.close();
  }, 30_000);

  it('are answered after a pause of the process longer than the deadline, because its own silence is not that of the server', async () => {
    const deadlineMs = 300;
    const storage = new RedisRateLimitStorage(connected.client, { prefix: 'pause', deadlineMs, denyCache: false });
    const pause = setInterval(() => {
      const end = performance.now() + 1.5 * deadlineMs;
      while (performance.now() < end);
    }, 4 * deadlineMs);
    try {
      expect(await asking(storage, performance.now() + 10 * deadlineMs)).toBeGreaterThan(600);
    } finally {
      clearInterval(pause);
      storage.close();
    }
  }, 30_000);
});
