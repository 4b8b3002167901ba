// Real: redis-server processes that are killed, stopped and started, the clients, the limiter of the module. Faked: nothing. How
// long calls take is shown by `npm run bench -- redis`; here the bounds leave room for a busy machine.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AuthEvents } from '../../src/events/auth-events.js';
import type { AuthEvent } from '../../src/events/auth-event.js';
import type { RateLimitDecision, RateLimitPolicy } from '../../src/rate-limit/rate-limit.policy.js';
import { createRateLimiting, type RateLimiting } from '../../src/rate-limit/rate-limiting.js';
import { RedisRateLimitStorage } from '../../src/redis/index.js';
import { connectTo, ioredis, type ClientName, type TestClient } from '../support/redis-clients.js';
import { freePort, RedisServer, until } from '../support/redis-server.js';

/** Longer than the default: a busy machine is no outage. */
const DEADLINE_MS = 300;
/** What a busy machine may add. */
const SLACK_MS = 1500;
const ENOUGH = 1_000_000;

interface World {
  readonly limiting: RateLimiting;
  readonly storage: RedisRateLimitStorage;
  readonly states: string[];
  readonly warnings: string[];
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function worldOf({ client, end }: TestClient): World {
  const storage = new RedisRateLimitStorage(client, { deadlineMs: DEADLINE_MS });
  const events = new AuthEvents();
  const states: string[] = [];
  const warnings: string[] = [];
  events.subscribe((event: AuthEvent) => {
    if (event.type === 'store.state') states.push(event.state);
  });
  const callers = { of: () => ({ transport: 'http', request: {}, kind: 'anonymous' }) as const, countedIp: String };
  const warn = (line: string): void => void warnings.push(line);
  const options = { storage, expectedProcesses: 2 };
  const deps = { callers, events, now: () => performance.timeOrigin + performance.now(), warn };
  const limiting = createRateLimiting(options, { ...deps, isInterceptorGlobal: false } as never);
  cleanups.push(end, () => limiting.close());
  return { limiting, storage, states, warnings };
}

async function server(): Promise<RedisServer> {
  const started = await RedisServer.start();
  cleanups.push(() => started.stop());
  return started;
}

interface Seen {
  readonly ms: number;
  readonly decision: RateLimitDecision;
}

const policy: RateLimitPolicy = { name: 'api', maxRequests: ENOUGH, windowSeconds: 600 };

/** Asks every few milliseconds until told to stop. A call that rejects fails the test. */
function pump({ limiting }: World): { readonly seen: Seen[]; stop(): Promise<void> } {
  const seen: Seen[] = [];
  const calls: Promise<void>[] = [];
  const timer = setInterval(() => {
    const at = performance.now();
    const asked = Promise.resolve(limiting.service.consume('somebody', policy));
    calls.push(asked.then((decision) => void seen.push({ ms: performance.now() - at, decision })));
  }, 5);
  return {
    seen,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(calls);
    },
  };
}

const sourceOf = ({ decision }: Seen): string => decision.source;
/** From here on the server is known, and what happens is told. */
async function untilAnswered(world: World): Promise<void> {
  const isAnswered = async (): Promise<boolean> =>
    (await world.limiting.service.consume('somebody else', policy)).source === 'store';
  await until(isAnswered, 'the server answers');
  world.states.length = world.warnings.length = 0;
}

/** What holds for every outage: no call waited long, none failed, each change was told once. */
function expectCalm(seen: readonly Seen[], world: World): void {
  const waits = seen.map(({ ms }) => ms).sort((a, b) => a - b);
  expect(waits.at(-1)).toBeLessThan(DEADLINE_MS + SLACK_MS);
  expect(seen.every(({ decision }) => decision.allowed)).toBe(true);
  expect(new Set(seen.map(sourceOf))).toEqual(new Set(['store', 'local-fallback']));
  expect(world.states).toEqual(['down', 'up']);
  expect(world.warnings).toHaveLength(2);
}

describe.each<ClientName>(['ioredis', 'node-redis', 'one function'])(
  'a server that is stopped, seen through %s',
  (name) => {
    it('is waited for once, and what reached it meanwhile is not charged when it goes on', async () => {
      const redis = await server();
      const world = worldOf(await connectTo(name, redis.port));
      await untilAnswered(world);
      const pumped = pump(world);
      await wait(150);
      redis.pause();
      await until(() => world.states.includes('down'), 'the outage is noticed');
      await wait(400);
      redis.resume();
      await until(() => world.states.includes('up'), 'it is back');
      await wait(100);
      await pumped.stop();
      expectCalm(pumped.seen, world);
      const stored = pumped.seen.filter((one) => sourceOf(one) === 'store').length;
      const { remaining } = await world.limiting.service.peek('somebody', policy);
      // A batch that was decided just before, and whose answer came too late, would be one too many.
      expect(ENOUGH - remaining - stored).toBeLessThanOrEqual(1);
      expect(ENOUGH - remaining - stored).toBeGreaterThanOrEqual(0);
    });
  },
);

describe.each<ClientName>(['ioredis', 'node-redis'])(
  'a server that is killed and started again, seen through %s',
  (name) => {
    it('is asked again within a second of its return, and nothing was kept for it meanwhile', async () => {
      const redis = await server();
      const world = worldOf(await connectTo(name, redis.port));
      await untilAnswered(world);
      const pumped = pump(world);
      await wait(100);
      await redis.kill();
      await until(() => world.states.includes('down'), 'the outage is noticed');
      await wait(700);
      await redis.start();
      const back = performance.now();
      await until(() => world.states.includes('up'), 'it is back');
      expect(performance.now() - back).toBeLessThan(1000 + SLACK_MS);
      const before = pumped.seen.length;
      await wait(100);
      await pumped.stop();
      expectCalm(pumped.seen, world);
      // It has forgotten all: what it counts now was asked since.
      const { remaining } = await world.limiting.service.peek('somebody', policy);
      expect(ENOUGH - remaining).toBeLessThanOrEqual(pumped.seen.length - before + 60);
    });
  },
);

describe('a server that was never there', () => {
  it('is waited for at most once, and used as soon as it comes', async () => {
    const port = await freePort();
    const world = worldOf(ioredis(port));
    const pumped = pump(world);
    await until(() => pumped.seen.length > 60, 'calls are answered without it');
    expect(world.storage.isDown).toBe(true);
    const redis = RedisServer.at(port);
    cleanups.push(() => redis.stop());
    await redis.start();
    await until(() => world.states.includes('up'), 'it is there');
    await pumped.stop();
    expectCalm(pumped.seen, world);
  });

  it.each([
    ['local', [true, true, true, true, true, false], 'local-fallback'],
    ['open', [true, true, true, true, true, true], 'open'],
    ['closed', [false, false, false, false, false, false], 'closed'],
  ] as const)(
    'with onStoreFailure %s lets through what that says: local is half of the limit for one of two',
    async (onStoreFailure, allowed, source) => {
      const world = worldOf(ioredis(await freePort()));
      const asked = { name: 'few', maxRequests: 10, windowSeconds: 60, onStoreFailure };
      const decisions: RateLimitDecision[] = [];
      for (const _ of allowed) decisions.push(await world.limiting.service.consume('somebody', asked));
      expect(decisions.map((decision) => decision.allowed)).toEqual(allowed);
      expect(new Set(decisions.map((decision) => decision.source))).toEqual(new Set([source]));
      expect(world.states).toEqual(['down']);
    },
  );
});

describe('what an application gives back by hand while the server is away', () => {
  it('rejects within the deadline, because nothing was given back there, and what this process counted is forgotten', async () => {
    const { limiting } = worldOf(ioredis(await freePort()));
    const { service } = limiting;
    const few = { name: 'few', maxRequests: 2, windowSeconds: 60 };
    expect([await service.isAllowed('somebody', few), await service.isAllowed('somebody', few)]).toEqual([true, false]);
    const asked = performance.now();
    await expect(service.reset('somebody', few)).rejects.toThrow(/Redis|connection/);
    await expect(service.refund('somebody', few)).rejects.toThrow(/Redis|connection/);
    await expect(service.clearAll()).rejects.toThrow(/Redis|connection/);
    expect(performance.now() - asked).toBeLessThan(DEADLINE_MS + SLACK_MS);
    expect(await service.isAllowed('somebody', few)).toBe(true);
  });
});

describe('a server that answers with errors', () => {
  it('that has no memory left or has become a replica fails like one that is away, and is asked for a write to end it', async () => {
    const redis = await server();
    const world = worldOf(ioredis(redis.port));
    await untilAnswered(world);
    await redis.command('REPLICAOF', '127.0.0.1', String(await freePort()));
    const { source } = await world.limiting.service.consume('somebody', policy);
    expect(source).toBe('local-fallback');
    await wait(300);
    expect(world.storage.isDown).toBe(true);
    await redis.command('REPLICAOF', 'NO', 'ONE');
    await until(() => !world.storage.isDown, 'it takes writes again');
    expect((await world.limiting.service.consume('somebody', policy)).source).toBe('store');
    expect(world.states).toEqual(['down', 'up']);
  });

  it('that has lost its scripts is told them again, and nobody notices', async () => {
    const redis = await server();
    const world = worldOf(ioredis(redis.port));
    await untilAnswered(world);
    for (let round = 0; round < 20; round++) {
      const asked = Array.from({ length: 10 }, async () => world.limiting.service.consume('somebody', policy));
      if (round % 2 === 0) await redis.command('SCRIPT', 'FLUSH');
      const decisions = await Promise.all(asked);
      expect(new Set(decisions.map(({ source }) => source))).toEqual(new Set(['store']));
    }
    const { remaining } = await world.limiting.service.peek('somebody', policy);
    expect(ENOUGH - remaining).toBe(200);
    expect(world.states).toEqual([]);
  });
});
