// One Redis server, and one connection to it, for the tests of a file or of a block: there before the first, gone after the last.
import { afterAll, beforeAll } from '@jest/globals';
import { RedisRateLimitStorage, type RedisRateLimitStorageOptions } from '../../src/redis/index.js';
import type { TestClient } from './redis-clients.js';
import { RedisServer } from './redis-server.js';

export interface SharedRedis<Client> {
  readonly client: Client;
  /** What no other test's keys begin with. */
  prefix(): string;
  /** With keys of its own, and a deadline that a busy machine keeps. */
  storage(options?: RedisRateLimitStorageOptions): RedisRateLimitStorage;
}

export function sharedRedis<Connected extends TestClient>(
  connect: (port: number) => Connected | Promise<Connected>,
): SharedRedis<Connected['client']> {
  let server: RedisServer;
  let connected: Connected;
  let prefixes = 0;
  beforeAll(async () => {
    server = await RedisServer.start();
    connected = await connect(server.port);
  });
  afterAll(async () => {
    await connected.end();
    await server.stop();
  });
  const prefix = (): string => `test-${prefixes++}`;
  return {
    get client() {
      return connected.client;
    },
    prefix,
    storage: (options = {}) =>
      new RedisRateLimitStorage(connected.client, { prefix: prefix(), deadlineMs: 10_000, ...options }),
  };
}
