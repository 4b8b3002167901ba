// Real: a redis-server, two storages on it as two processes would have them. Faked: nothing.
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { RateLimitAlgorithm } from '../../src/rate-limit/algorithms/index.js';
import type { RateLimitAnswer, RateLimitCharge } from '../../src/rate-limit/storage.js';
import { RedisRateLimitStorage, type RedisClientLike } from '../../src/redis/index.js';
import { ioredis } from '../support/redis-clients.js';
import { until } from '../support/redis-server.js';
import { sharedRedis } from '../support/shared-redis.js';

const redis = sharedRedis(ioredis);

interface Setup {
  readonly here: RedisRateLimitStorage;
  readonly elsewhere: RedisRateLimitStorage;
  ask(charges?: readonly RateLimitCharge[]): Promise<RateLimitAnswer>;
}

function setup(denyCache = true): Setup {
  const prefix = redis.prefix();
  const create = (): RedisRateLimitStorage => redis.storage({ prefix, denyCache });
  const here = create();
  return { here, elsewhere: create(), ask: async (charges = few) => (await here.consume('user:x', charges))[0]! };
}

function charge(limit: number, windowMs: number, algorithm: RateLimitAlgorithm = 'sliding-window'): RateLimitCharge {
  return { counter: 'few', algorithm, limit, burst: limit, windowMs, cost: 1, blockMs: 0, shadow: false };
}

const few = [charge(2, 600_000)];

/** Until the limit is reached and the refusal is known here. */
async function exhaust(ask: Setup['ask'], charges?: readonly RateLimitCharge[]): Promise<void> {
  await until(async () => !(await ask(charges)).allowed, 'the limit is reached');
}

describe('what was refused a moment ago', () => {
  it('is refused again without a question, and the time to wait goes down', async () => {
    const { ask } = setup();
    await exhaust(ask);
    const first = await ask();
    expect(first).toMatchObject({ allowed: false, remaining: 0, source: 'deny-cache' });
    await wait(20);
    expect((await ask()).retryAfterMs).toBeLessThan(first.retryAfterMs);
  });

  it('is asked again as soon as it fits, so that waiting as long as told is enough', async () => {
    const { ask } = setup();
    const short = [charge(1, 300)];
    await exhaust(ask, short);
    const { retryAfterMs } = await ask(short);
    await wait(retryAfterMs + 1);
    expect((await ask(short)).allowed).toBe(true);
  });

  it('is asked again as soon as it fits, also where the answer was long on its way', async () => {
    const lateMs = 400;
    const windowMs = 600;
    const late: RedisClientLike = {
      call: async (command, ...args) => {
        const answer = await redis.client.call(command, ...args);
        await wait(lateMs);
        return answer;
      },
    };
    const storage = new RedisRateLimitStorage(late, { prefix: redis.prefix(), deadlineMs: 5000 });
    const short = [charge(1, windowMs)];
    const [first, second] = await Promise.all([storage.consume('user:x', short), storage.consume('user:x', short)]);
    expect([first[0]!.allowed, second[0]!.allowed]).toEqual([true, false]);
    // Both were decided at one moment, before their answers set out.
    await wait(windowMs - lateMs + 50);
    expect((await storage.consume('user:x', short))[0]!.allowed).toBe(true);
  });

  it.each([
    ['given back', (storage: RedisRateLimitStorage) => storage.refund('user:x', few)],
    ['reset', (storage: RedisRateLimitStorage) => storage.reset('user:x', ['few'])],
    ['cleared', (storage: RedisRateLimitStorage) => storage.clear()],
  ])('is allowed at once when quota is %s here, and within a second when it is elsewhere', async (_how, give) => {
    for (const where of ['here', 'elsewhere'] as const) {
      const world = setup();
      await exhaust(world.ask);
      await give(world[where]);
      const given = performance.now();
      if (where === 'here') expect((await world.ask()).allowed).toBe(true);
      else await until(async () => (await world.ask()).allowed, 'it is allowed');
      expect(performance.now() - given).toBeLessThan(2500);
    }
  });

  it('is another question for another policy or another cost', async () => {
    const { ask } = setup();
    await exhaust(ask);
    expect((await ask([{ ...charge(5, 600_000), counter: 'many' }])).allowed).toBe(true);
    expect((await ask([charge(5, 600_000)])).source).toBeUndefined();
  });

  it('is asked each time where a lease may end at any moment', async () => {
    const { here, ask } = setup();
    const leases = [charge(1, 600_000, 'concurrency')];
    const { receipt } = await ask(leases);
    expect((await ask(leases)).allowed).toBe(false);
    expect((await ask(leases)).source).toBeUndefined();
    await here.refund('user:x', leases, [receipt]);
    expect((await ask(leases)).allowed).toBe(true);
  });

  it('is asked each time if the cache is switched off', async () => {
    const { ask } = setup(false);
    await exhaust(ask);
    expect((await ask()).source).toBeUndefined();
  });

  it('does not hold for a policy in shadow, which refuses nobody', async () => {
    const { ask } = setup();
    const shadow = [{ ...charge(1, 600_000), shadow: true }];
    await exhaust(ask, shadow);
    expect((await ask(shadow)).source).toBeUndefined();
  });
});

describe('the keys', () => {
  it('begin with the prefix, name counter and identity, and all expire', async () => {
    const storage = redis.storage({ prefix: 'mine' });
    for (const algorithm of ['sliding-window', 'gcra', 'fixed-window', 'concurrency'] as const) {
      for (const limit of [1, 5000]) {
        for (const windowMs of [60_000, 40 * 86_400_000]) {
          const asked = [
            { ...charge(limit, windowMs, algorithm), counter: `a|b of ${limit} in ${windowMs}`, blockMs: 5000 },
          ];
          await storage.consume('user:alice', asked);
          await storage.consume('user:alice', asked);
        }
      }
    }
    const keys = await redis.client.keys('mine:*');
    expect(keys.length).toBeGreaterThanOrEqual(8);
    expect(keys).toContain('mine:s:a%7Cb of 1 in 60000|user:alice');
    const left = await Promise.all(keys.map((key) => redis.client.pttl(key)));
    expect(left.filter((ms) => ms === -1)).toEqual([]);
    await storage.reset('user:alice');
    expect(await redis.client.keys('mine:*')).toEqual([]);
  });

  it('of an identity are found by a reset without a policy, and those of identities that only end like it are not', async () => {
    const storage = redis.storage();
    const identities = ['user:a', 'key:x|user:a', 'user:a|user:a', 'user:*', 'user:[a]', 'user:?', 'user:\\a'];
    for (const reset of identities) {
      for (const identity of identities)
        await storage.consume(identity, [charge(2, 600_000), charge(3, 600_000, 'gcra')]);
      await storage.reset(reset);
      const peeks = identities.map((identity) => storage.peek(identity, few));
      const left = (await Promise.all(peeks)).map(([answer]) => answer!.remaining);
      expect(left).toEqual(identities.map((identity) => (identity === reset ? 2 : 1)));
      await storage.clear();
    }
  });

  it('of other applications, and of prefixes that look like a pattern, are left alone by clear', async () => {
    const others = ['a', 'a*', '[a]', 'a?c', 'abc', 'a\\'];
    const storages = others.map((prefix) => redis.storage({ prefix }));
    for (const storage of storages) await storage.consume('user:x', few);
    await storages[1]!.clear();
    await storages[2]!.clear();
    const left = await Promise.all(storages.map(async (storage) => (await storage.peek('user:x', few))[0]!.remaining));
    expect(left).toEqual([1, 2, 2, 1, 1, 1]);
  });
});
