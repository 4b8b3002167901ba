// Real: the service of the module and the limiter without it, on the memory storage and on a redis-server. Faked: the clock
// of the memory. What is asked: what a decision made by hand can still do, once, twice, and when it is too late.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryRateLimitStorage } from '../../src/rate-limit/memory/memory-rate-limit-storage.js';
import type { PolicyRef, RateLimitDecision, RateLimitPolicy } from '../../src/rate-limit/rate-limit.policy.js';
import type { RateLimiting } from '../../src/rate-limit/rate-limiting.js';
import { RateLimiter } from '../../src/rate-limit/rate-limiter.js';
import type { RateLimiterService } from '../../src/rate-limit/rate-limiter.service.js';
import type { RateLimitStorage } from '../../src/rate-limit/storage.js';
import { RedisRateLimitStorage } from '../../src/redis/index.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { ioredis } from '../support/redis-clients.js';
import { RedisServer } from '../support/redis-server.js';
import { sharedRedis } from '../support/shared-redis.js';
import { makeLimiting } from './support/limited-app.js';

const WINDOW_SECONDS = 1;
const tokens: RateLimitPolicy = { name: 'tokens', maxRequests: 1000, windowSeconds: 600, cost: 100 };
const places: RateLimitPolicy = { name: 'places', algorithm: 'concurrency', maxRequests: 2, windowSeconds: 600 };

const clock = new ManualClock();
const redis = sharedRedis(ioredis);

interface Where {
  readonly create: () => RateLimitStorage;
  readonly pass: (ms: number) => Promise<unknown>;
}

const STORAGES: Record<string, Where> = {
  'in memory': {
    create: () => new MemoryRateLimitStorage({ now: clock.now }),
    pass: async (ms) => clock.advance(ms),
  },
  'in Redis': {
    create: () => redis.storage(),
    pass: (ms) => wait(ms + 5),
  },
};

describe.each(Object.keys(STORAGES))('%s', (where) => {
  const { create, pass } = STORAGES[where]!;
  let storage: RateLimitStorage;
  let limiting: RateLimiting;
  let service: RateLimiterService;
  beforeEach(() => {
    storage = create();
    ({ limiting } = makeLimiting({ storage }, false));
    ({ service } = limiting);
  });
  afterEach(() => limiting.close());

  const take = async (policy: PolicyRef | readonly PolicyRef[], cost?: number): Promise<RateLimitDecision> =>
    service.consume('somebody', policy, cost);
  const left = async (policy: PolicyRef): Promise<number> => service.getRemaining('somebody', policy);
  /** `release` gives back at once, and tells nobody when that has arrived. */
  const released = async (decision: RateLimitDecision): Promise<void> => {
    decision.release?.();
    await storage.peek('key:nobody', []);
  };

  describe('settle', () => {
    it('makes the cost what it was in the end, less or more, as often as it is told', async () => {
      const decision = await take(tokens);
      expect(await left(tokens)).toBe(900);
      for (const cost of [40, 40, 0, 75, 300, 420]) {
        await decision.settle?.(cost);
        expect(await left(tokens)).toBe(1000 - cost);
      }
    });

    it('gives back what admission charged, never what other calls did: late cost that was told too high stays', async () => {
      const [ours, others] = await Promise.all([take(tokens), take(tokens, 500)]);
      await ours.settle?.(200);
      expect(await left(tokens)).toBe(300);
      await ours.settle?.(0);
      expect(await left(tokens)).toBe(400);
      await ours.settle?.(150);
      expect(await left(tokens)).toBe(350);
      await others.settle?.(0);
      expect(await left(tokens)).toBe(850);
    });

    it('spends what does not fit, and the calls that follow wait for it', async () => {
      const decision = await take(tokens);
      await decision.settle?.(5000);
      const refused = await take(tokens);
      expect(refused).toMatchObject({ allowed: false, remaining: 0 });
      expect(refused.retryAfterMs).toBeLessThanOrEqual(600_000);
    });

    it('of a refused decision, of a peek and of a lease settles nothing', async () => {
      await take(tokens, 950);
      await (await take(tokens)).settle?.(10);
      await (await service.peek('somebody', tokens)).settle?.(10);
      expect(await left(tokens)).toBe(50);
      await (await take(places)).settle?.(2);
      expect(await left(places)).toBe(1);
    });

    it('too late to give anything back gives nothing back, and what is more is spent now', async () => {
      const short = { ...tokens, name: 'short', windowSeconds: WINDOW_SECONDS };
      const less = await take(short);
      const more = await take(short);
      await pass(WINDOW_SECONDS * 1000);
      await take(short, 300);
      await less.settle?.(0);
      expect(await left(short)).toBe(700);
      await more.settle?.(150);
      expect(await left(short)).toBe(650);
    });

    it('of several policies settles all of them, or one by its own decision', async () => {
      const calls = { name: 'calls', maxRequests: 10, windowSeconds: 600 };
      const decision = await take([calls, tokens]);
      const own = decision.policies.find(({ policy }) => policy === 'tokens')!;
      await own.settle?.(250);
      expect([await left(calls), await left(tokens)]).toEqual([9, 750]);
      await decision.settle?.(3);
      // What was told to be more than admission charged stays.
      expect([await left(calls), await left(tokens)]).toEqual([7, 850]);
    });

    it.each([NaN, -1, 1.5, '7'])('with %p is a mistake of the program, and changes nothing', async (cost) => {
      const decision = await take(tokens);
      await expect((async () => decision.settle?.(cost as number))()).rejects.toThrow(/^cost must be a whole number/);
      expect(await left(tokens)).toBe(900);
    });

    it.each(['sliding-window', 'gcra', 'fixed-window'] as const)(
      'works alike with %s, above 1,024 too',
      async (algorithm) => {
        for (const maxRequests of [1000, 100_000]) {
          const policy = {
            name: `by ${algorithm} of ${maxRequests}`,
            algorithm,
            maxRequests,
            windowSeconds: 31_622_400,
          };
          const decision = await take(policy, 500);
          await decision.settle?.(20);
          expect(await left(policy)).toBe(maxRequests - 20);
          await decision.settle?.(700);
          expect(await left(policy)).toBe(maxRequests - 700);
        }
      },
    );
  });

  describe('release', () => {
    it('gives the place back, once: told twice it ends nobody else’s', async () => {
      const first = await take(places);
      await take(places);
      expect((await take(places)).allowed).toBe(false);
      await released(first);
      expect(await left(places)).toBe(1);
      await released(first);
      await released(first);
      expect(await left(places)).toBe(1);
      expect((await take(places)).allowed).toBe(true);
      await released(first);
      expect(await left(places)).toBe(0);
    });

    it('after the lease has ended by itself ends nobody else’s either', async () => {
      const short = { ...places, name: 'short', maxRequests: 1, windowSeconds: WINDOW_SECONDS };
      const gone = await take(short);
      expect((await take(short)).allowed).toBe(false);
      await pass(WINDOW_SECONDS * 1000);
      expect((await take(short)).allowed).toBe(true);
      await released(gone);
      expect(await left(short)).toBe(0);
    });

    it('is there where a place was given, and nowhere else', async () => {
      expect((await take(tokens)).release).toBeUndefined();
      expect((await service.peek('somebody', places)).release).toBeUndefined();
      await take(places);
      await take(places);
      expect((await take(places)).release).toBeUndefined();
    });

    it('of several policies gives back the places and not the rest', async () => {
      const decision = await take([tokens, places]);
      await released(decision);
      expect([await left(tokens), await left(places)]).toEqual([900, 2]);
    });

    it('of a place that weighs more than one gives all of it back', async () => {
      const decision = await take({ ...places, maxRequests: 10 }, 7);
      expect(decision.remaining).toBe(3);
      await released(decision);
      expect(await left({ ...places, maxRequests: 10 })).toBe(10);
    });
  });

  it('a limiter without Nest has both', async () => {
    const limiter = new RateLimiter(places, storage);
    const decision = await limiter.consume('somebody');
    expect(await limiter.getRemaining('somebody')).toBe(1);
    await released(decision);
    expect(await limiter.getRemaining('somebody')).toBe(2);
    const spending = new RateLimiter(tokens, storage);
    await (await spending.consume('somebody')).settle?.(1);
    expect(await spending.getRemaining('somebody')).toBe(999);
  });

  it('refund gives the most recent back, never more than was spent; reset and clearAll everything', async () => {
    await take(tokens, 300);
    await service.refund('somebody', tokens);
    expect(await left(tokens)).toBe(800);
    await service.refund('somebody', tokens, 5000);
    expect(await left(tokens)).toBe(1000);
    await take(tokens);
    await service.consume('another', tokens);
    await service.reset('somebody', tokens);
    expect(await left(tokens)).toBe(1000);
    expect(await service.getRemaining('another', tokens)).toBe(900);
    await service.clearAll();
    expect(await service.getRemaining('another', tokens)).toBe(1000);
  });
});

describe('a store that goes away between the decision and its end', () => {
  it('fails neither settle nor release: it forgets by itself, and the caller has its answer', async () => {
    const gone = await RedisServer.start();
    const client = ioredis(gone.port);
    const storage = new RedisRateLimitStorage(client.client, { deadlineMs: 300 });
    const { limiting } = makeLimiting({ storage }, false);
    const { service } = limiting;
    const [spent, held] = [await service.consume('a', tokens), await service.consume('a', places)];
    expect([spent.source, held.source]).toEqual(['store', 'store']);
    await gone.stop();
    await expect(Promise.resolve(spent.settle?.(5))).resolves.toBeUndefined();
    expect(() => held.release?.()).not.toThrow();
    await limiting.close();
    await client.end();
  });
});
