// The limiters that are compared, each as { take(key) -> a promise of whether the call may pass, end() }.
import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import { RateLimiter } from '../../dist/esm/index.js';
import { RedisRateLimitStorage } from '../../dist/esm/redis/index.js';

const require = createRequire(import.meta.url);
export const LIMIT = 100;
export const WINDOW_MS = 60_000;
const SECONDS = WINDOW_MS / 1000;

const connect = (port, enableAutoPipelining = false) => new Redis({ port, host: '127.0.0.1', enableAutoPipelining });
const end = (client) => () => client.disconnect();

// On a machine that others use too, a deadline would measure them.
const storageOn = (client, options) => new RedisRateLimitStorage(client, { deadlineMs: 5000, ...options });

const charge = (limit) => ({
  counter: 'name:api',
  algorithm: 'sliding-window',
  limit,
  burst: limit,
  windowMs: WINDOW_MS,
  cost: 1,
  blockMs: 0,
  shadow: false,
});

function ours(port, options) {
  const client = connect(port);
  const storage = storageOn(client, options);
  const charges = [charge(LIMIT)];
  return { take: (key) => storage.consume(`ip:${key}`, charges).then(([answer]) => answer.allowed), end: end(client) };
}

function oursWhole(port) {
  const client = connect(port);
  const limiter = new RateLimiter({ name: 'api', maxRequests: LIMIT, windowSeconds: SECONDS }, storageOn(client));
  return { take: (key) => limiter.consume(key).then(({ allowed }) => allowed), end: end(client) };
}

function flexible(port, isPipelined, options) {
  const { RateLimiterRedis } = require('rate-limiter-flexible');
  const client = connect(port, isPipelined);
  const limiter = new RateLimiterRedis({ storeClient: client, points: LIMIT, duration: SECONDS, ...options });
  const refused = (error) => {
    if (error instanceof Error) throw error;
    return false;
  };
  return { take: (key) => limiter.consume(key).then(() => true, refused), end: end(client) };
}

function nestLab(port, isPipelined) {
  const { ThrottlerStorageRedisService } = require('@nest-lab/throttler-storage-redis');
  const client = connect(port, isPipelined);
  const storage = new ThrottlerStorageRedisService(client);
  const take = (key) =>
    storage.increment(key, WINDOW_MS, LIMIT, WINDOW_MS, 'default').then((found) => !found.isBlocked);
  return { take, end: end(client) };
}

function fastify(port, isPipelined) {
  const RedisStore = require('@fastify/rate-limit/store/RedisStore.js');
  const client = connect(port, isPipelined);
  const store = new RedisStore(false, false, client);
  const take = (key) =>
    new Promise((resolve, reject) => {
      store.incr(key, (error, found) => (error ? reject(error) : resolve(found.current <= LIMIT)), WINDOW_MS, LIMIT);
    });
  return { take, end: end(client) };
}

async function express(port, isPipelined) {
  const { RedisStore } = await import('rate-limit-redis');
  const client = connect(port, isPipelined);
  const store = new RedisStore({ sendCommand: (...words) => client.call(...words) });
  await store.init({ windowMs: WINDOW_MS });
  return { take: (key) => store.increment(key).then((found) => found.totalHits <= LIMIT), end: end(client) };
}

const peers = {
  'rate-limiter-flexible': flexible,
  '@nest-lab/throttler-storage-redis': nestLab,
  '@fastify/rate-limit': fastify,
  'rate-limit-redis': express,
};

export const CALLERS = {
  'ours: RedisRateLimitStorage': (port) => ours(port),
  'ours: RateLimiter': oursWhole,
  'ours: 16 shards': (port) => ours(port, { shards: 16 }),
  ...Object.fromEntries(
    Object.entries(peers).flatMap(([name, make]) => [
      [name, (port) => make(port, false)],
      [`${name}, auto-pipelined`, (port) => make(port, true)],
    ]),
  ),
};

export const ABUSE = {
  'ours: RedisRateLimitStorage': (port) => ours(port),
  'ours: RateLimiter': oursWhole,
  'rate-limiter-flexible': (port) => flexible(port, true),
  'rate-limiter-flexible, inMemoryBlockOnConsumed': (port) => flexible(port, true, { inMemoryBlockOnConsumed: LIMIT }),
};

export const isOurs = (name) => name.startsWith('ours');

/** For what is measured on the server: any number of decisions at once, at any limit. */
export function storeFor(port, limit, more = {}) {
  const client = connect(port);
  const storage = storageOn(client, { denyCache: false });
  const charges = [{ ...charge(limit), ...more }];
  return { take: (key) => storage.consume(`ip:${key}`, charges), end: end(client) };
}

export const flexibleFor = (port) => flexible(port, false);
