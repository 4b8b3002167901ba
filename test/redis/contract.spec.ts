// Real: a redis-server and the clients of the field, beside one that is nothing but a function. The storages of the cases
// share the server and are told apart by their prefix. Faked: nothing.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RedisRateLimitStorage } from '../../src/redis/index.js';
import type { ContractCase } from '../../src/testing/contract-case.js';
import { rateLimitStorageContract } from '../../src/testing/rate-limit-storage-contract.js';
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
  const named = cases.map((one) => [one.name, one] as const);
  const keep = async (_name: string, { run }: ContractCase): Promise<void> => {
    await expect(run()).resolves.toBeUndefined();
  };
  // Those that watch the clock are together, and not beside those that keep the process busy.
  const watchesClock = ([promise]: (typeof named)[number]): boolean => /never lets more|in each window/.test(promise);
  describe('at leisure', () => it.concurrent.each(named.filter(watchesClock))('%s', keep, 60_000));
  describe('in a rush', () => it.concurrent.each(named.filter((one) => !watchesClock(one)))('%s', keep, 60_000));
});
