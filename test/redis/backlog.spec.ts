// Real: a redis-server and ioredis. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import type { RedisRateLimitStorage } from '../../src/redis/index.js';
import { compilePolicy } from '../../src/rate-limit/compiled-policy.js';
import { ioredis } from '../support/redis-clients.js';
import { sharedRedis } from '../support/shared-redis.js';

describe('more callers than two batches hold', () => {
  const redis = sharedRedis(ioredis);

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
    const storage = redis.storage({ deadlineMs, denyCache: false });
    const answered = await asking(storage, performance.now() + 3 * deadlineMs);
    expect(answered).toBeGreaterThan(600);
    storage.close();
  });

  it('are answered after a pause of the process longer than the deadline, because its own silence is not that of the server', async () => {
    const deadlineMs = 300;
    const storage = redis.storage({ deadlineMs, denyCache: false });
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
  });
});
