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

  it('are each waited for by their own deadline, because what waits never empties and the first of it is long answered', async () => {
    const deadlineMs = 1000;
    const storage = new RedisRateLimitStorage(connected.client, { prefix: 'backlog', deadlineMs, denyCache: false });
    const { charges } = compilePolicy({ maxRequests: 100, windowSeconds: 60 }, 'api', 'name:api');
    const end = performance.now() + 3 * deadlineMs;
    let answered = 0;
    const ask = async (caller: number): Promise<void> => {
      while (performance.now() < end) {
        await storage.consume(`user:${caller}`, charges);
        answered++;
      }
    };
    await Promise.all(Array.from({ length: 600 }, (_, caller) => ask(caller)));
    expect(answered).toBeGreaterThan(600);
    storage.close();
  }, 30_000);
});
