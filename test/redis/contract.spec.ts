// Real: a redis-server and the clients of the field, beside one that is nothing but a function. The storages of the cases
// share the server and are told apart by their prefix. Faked: nothing.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClientPool } from 'redis';
import { RedisRateLimitStorage } from '../../src/redis/index.js';
import { rateLimitStorageContract } from '../../src/testing/rate-limit-storage-contract.js';
import { charge } from '../../src/testing/storage-contract/asking.js';
import { CLIENTS, connectTo, type TestClient } from '../support/redis-clients.js';
import { RedisServer } from '../support/redis-server.js';

describe.each(CLIENTS)('the storage contract, kept in Redis through %s', (name) => {
  let server: RedisServer;
  let connected: TestClient;
  let storages = 0;
  beforeAll(async () => {
    server = await RedisServer.start();
    connected = await connectTo(name, server.port);
  });
  afterAll(async () => {
    await connected.end();
    await server.stop();
  });

  // A generous deadline: what is tested here is what is decided, also on a machine that has other things to do.
  const create = (): RedisRateLimitStorage =>
    new RedisRateLimitStorage(connected.client, { prefix: `case-${storages++}`, deadlineMs: 10_000 });
  const cases = rateLimitStorageContract(create);
  // Those that watch the clock are together, and not beside those that keep the process busy.
  const watchesClock = (promise: string): boolean => /never lets more|in each window/.test(promise);
  const named = cases.map((one) => [one.name, one] as const);
  describe.each([
    ['at leisure', named.filter(([promise]) => watchesClock(promise))],
    ['in a rush', named.filter(([promise]) => !watchesClock(promise))],
  ] as const)('%s', (_how, together) => {
    it.concurrent.each(together)(
      '%s',
      async (_name, { run }) => {
        await expect(run()).resolves.toBeUndefined();
      },
      60_000,
    );
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
