// Real: three masters as a cluster; a master, its replica and a Sentinel that makes one of the other; the clients of the field.
// Faked: nothing.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { createCluster, createSentinel } from 'redis';
import type { RateLimitCharge, RateLimitStorage } from '../../src/rate-limit/storage.js';
import { RedisRateLimitStorage } from '../../src/redis/index.js';
import type { RedisClientLike } from '../../src/redis/redis-client.js';
import { rateLimitStorageContract } from '../../src/testing/rate-limit-storage-contract.js';
import type { TestClient } from '../support/redis-clients.js';
import { startCluster, startSentinel, until, type RedisServer, type SentinelSetup } from '../support/redis-server.js';

const DEADLINE_MS = 1000;
const HOST = '127.0.0.1';

const calls: RateLimitCharge[] = [
  {
    counter: 'c',
    algorithm: 'sliding-window',
    limit: 5,
    burst: 5,
    windowMs: 600_000,
    cost: 1,
    blockMs: 0,
    shadow: false,
  },
];

const allowedOf = async (storage: RateLimitStorage, identity: string): Promise<boolean> =>
  (await storage.consume(identity, calls))[0]!.allowed;

const CLUSTERS: Record<string, (ports: readonly number[]) => Promise<TestClient>> = {
  ioredis: async (ports) => {
    const client = new Cluster(ports.map((port) => ({ host: HOST, port })));
    client.on('error', () => undefined);
    await until(() => client.status === 'ready', 'the cluster client is ready');
    return { client, end: () => client.disconnect() };
  },
  'node-redis': async (ports) => {
    const client = createCluster({ rootNodes: ports.map((port) => ({ socket: { host: HOST, port } })) });
    client.on('error', () => undefined);
    await client.connect();
    return { client: client as RedisClientLike, end: () => client.destroy() };
  },
};

describe('a cluster of three masters', () => {
  let servers: readonly RedisServer[];
  beforeAll(async () => {
    servers = await startCluster();
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  describe.each(Object.keys(CLUSTERS))('through the cluster client of %s', (name) => {
    let connected: TestClient;
    let storages = 0;
    const create = (prefix = `${name}-${storages++}`): RedisRateLimitStorage =>
      new RedisRateLimitStorage(connected.client, { prefix, deadlineMs: 10_000 });
    beforeAll(async () => {
      connected = await CLUSTERS[name]!(servers.map(({ port }) => port));
    });
    afterAll(() => connected.end());

    // What the scripts decide is the same on any server: the long runs are left to contract.spec.ts.
    const isLong = (promise: string): boolean => /random schedules|never lets more|in each window/.test(promise);
    const cases = rateLimitStorageContract(create).filter((one) => !isLong(one.name));
    it.concurrent.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, { run }) => {
      await expect(run()).resolves.toBeUndefined();
    });

    it('spreads identities over the masters, and counts each where every other process looks for it', async () => {
      const [one, other] = [create(`${name}-spread`), create(`${name}-spread`)];
      const identities = Array.from({ length: 60 }, (_, index) => `user:${index}`);
      for (let call = 0; call < 5; call++) {
        const storage = call % 2 === 0 ? one : other;
        const allowed = await Promise.all(identities.map((identity) => allowedOf(storage, identity)));
        expect(allowed.every(Boolean)).toBe(true);
      }
      const refused = await Promise.all(identities.map((identity) => allowedOf(other, identity)));
      expect(refused.some(Boolean)).toBe(false);
      const sizes = await Promise.all(servers.map((server) => server.command('DBSIZE')));
      expect(sizes.every((size) => Number(size) > 5)).toBe(true);
      await one.clear();
      expect(await allowedOf(one, 'user:1')).toBe(true);
    });

    it('tells each master the scripts again that has lost them', async () => {
      const storage = create();
      for (let round = 0; round < 3; round++) {
        await Promise.all(servers.map((server) => server.command('SCRIPT', 'FLUSH')));
        const asked = Array.from({ length: 40 }, (_, index) => allowedOf(storage, `user:${index}`));
        expect((await Promise.all(asked)).every(Boolean)).toBe(true);
      }
    });
  });
});

const SENTINELS: Record<string, (setup: SentinelSetup) => Promise<TestClient>> = {
  ioredis: async ({ sentinel, name }) => {
    const sentinels = [{ host: HOST, port: sentinel.port }];
    const client = new Redis({ sentinels, name, sentinelRetryStrategy: () => 100, retryStrategy: () => 100 });
    client.on('error', () => undefined);
    await until(() => client.status === 'ready', 'the client is ready');
    return { client, end: () => client.disconnect() };
  },
  'node-redis': async ({ sentinel, name }) => {
    const client = createSentinel({
      name,
      sentinelRootNodes: [{ host: HOST, port: sentinel.port }],
      scanInterval: 200,
    });
    client.on('error', () => undefined);
    await client.connect();
    return { client: client as RedisClientLike, end: () => client.destroy() };
  },
};

describe('a master that dies under a Sentinel', () => {
  it.concurrent.each(Object.keys(SENTINELS))(
    'is followed by its replica, which has the counts and is told the scripts, as %s sees it',
    async (name) => {
      const setup = await startSentinel();
      try {
        const { remaining, allowed } = await failOver(name, setup);
        expect(remaining).toBe(2);
        expect(allowed).toEqual([true, true, false]);
      } finally {
        await setup.stop();
      }
    },
    60_000,
  );
});

/** Three of five before it and three after it: what the replica says is left, and which of the later ones it lets through. */
async function failOver(name: string, setup: SentinelSetup): Promise<{ remaining: number; allowed: boolean[] }> {
  const { client, end } = await SENTINELS[name]!(setup);
  const storage = new RedisRateLimitStorage(client, { deadlineMs: DEADLINE_MS });
  for (let call = 0; call < 3; call++) expect(await allowedOf(storage, 'user:x')).toBe(true);
  await setup.master.command('WAIT', '1', '5000');
  await setup.master.kill();
  // What is asked meanwhile fails, and what happens then is the policy's affair; nothing is charged twice.
  await until(
    async () => (await storage.peek('user:x', calls).catch(() => [])).length > 0,
    'the replica has taken over',
  );
  const { remaining } = (await storage.peek('user:x', calls))[0]!;
  const allowed: boolean[] = [];
  for (let call = 0; call < 3; call++) allowed.push(await allowedOf(storage, 'user:x'));
  storage.close();
  await end();
  return { remaining, allowed };
}
