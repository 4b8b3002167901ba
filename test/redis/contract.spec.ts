// Real: a redis-server and the clients of the field, beside one that is nothing but a function. The storages of the cases
// share the server and are told apart by their prefix. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import { createClientPool } from 'redis';
import { RedisRateLimitStorage } from '../../src/redis/index.js';
import { rateLimitStorageContract } from '../../src/testing/rate-limit-storage-contract.js';
import { charge } from '../../src/testing/storage-contract/asking.js';
import { CLIENTS, connectTo } from '../support/redis-clients.js';
import { RedisServer } from '../support/redis-server.js';
import { sharedRedis } from '../support/shared-redis.js';

describe.each(CLIENTS)('the storage contract, kept in Redis through %s', (name) => {
  const redis = sharedRedis((port) => connectTo(name, port));
  const cases = rateLimitStorageContract(() => redis.storage());
  // Those that watch the clock are together, and not beside those that keep the process busy.
  const watchesClock = (promise: string): boolean => /never lets more|in each window/.test(promise);
  const named = cases.map((one) => [one.name, one] as const);
  describe.each([
    ['at leisure', named.filter(([promise]) => watchesClock(promise))],
    ['in a rush', named.filter(([promise]) => !watchesClock(promise))],
  ] as const)('%s', (_how, together) => {
    it.concurrent.each(together)('%s', async (_name, { run }) => {
      await expect(run()).resolves.toBeUndefined();
    });
  });
});

describe('a pool of node-redis', () => {
  it('counts as one client does, whichever of its connections a call takes', async () => {
    const server = await RedisServer.start();
    const pool = createClientPool({ socket: { host: '127.0.0.1', port: server.port } }, { minimum: 4, maximum: 4 });
    pool.on('error', () => undefined);
    await pool.connect();
    const storage = new RedisRateLimitStorage(pool, { deadlineMs: 10_000 });
    const asked = [charge('pool', 7)];
    const answers = await Promise.all(Array.from({ length: 500 }, async () => storage.consume('key:x', asked)));
    expect(answers.filter(([answer]) => answer!.allowed)).toHaveLength(7);
    expect((await storage.peek('key:x', asked))[0]!.remaining).toBe(0);
    storage.close();
    pool.destroy();
    await server.stop();
  });
});
