// Real: redis-server, the scripts, one to four processes. In the first two parts the server's clock is moved by hand
// (test/support/manual-redis-clock); the oracle is the one of the contract suite. Faked: nothing else.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RateLimitCharge } from '../../src/rate-limit/storage.js';
import { RedisRateLimitStorage } from '../../src/redis/index.js';
import { ManualClock, rateLimitStorageContract } from '../../src/testing/index.js';
import { Seeded } from '../../src/testing/storage-contract/seeded.js';
import { worstWindow, type Admitted } from '../../src/testing/storage-contract/worst-window.js';
import { onManualClock } from '../support/manual-redis-clock.js';
import { RedisServer } from '../support/redis-server.js';

let server: RedisServer;
let redis: Redis;
let storages = 0;

beforeAll(async () => {
  server = await RedisServer.start();
  redis = new Redis({ port: server.port, host: '127.0.0.1' });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const storageOn = (clock: ManualClock): RedisRateLimitStorage =>
  // The deny cache goes by this process's own clock.
  new RedisRateLimitStorage(onManualClock(redis, clock.now), {
    prefix: `case-${storages++}`,
    deadlineMs: 10_000,
    denyCache: false,
  });

function charge(limit: number, windowMs: number): RateLimitCharge {
  const counting = { algorithm: 'sliding-window', limit, burst: limit, windowMs, cost: 1 } as const;
  return { counter: 'c', ...counting, blockMs: 0, shadow: false };
}

describe('the storage contract, kept in Redis on a clock moved by hand: every answer as the definitions have it', () => {
  const clock = new ManualClock();
  const cases = rateLimitStorageContract(() => storageOn(clock), { clock });
  it.each(cases.map((one) => [one.name, one] as const))(
    '%s',
    async (_name, { run }) => {
      await expect(run()).resolves.toBeUndefined();
    },
    120_000,
  );
});

describe('a server whose clock is set back, as when a replica with another clock takes over', () => {
  it.each([1, 7, 100, 1500])('lets no more than %d through in any window of real time', async (limit) => {
    const windowMs = 60_000;
    const random = new Seeded(limit);
    const clock = new ManualClock();
    const storage = storageOn(clock);
    const admitted: Admitted[] = [];
    let realMs = 0;
    for (let round = 0; round < 60; round++) {
      const passed = random.whole(0, windowMs / 4);
      realMs += passed;
      clock.advance(passed - (random.chance(0.2) ? random.whole(0, windowMs / 2) : 0));
      const asked = Array.from({ length: random.whole(1, limit) }, () =>
        storage.consume('key:x', [charge(limit, windowMs)]),
      );
      for (const { allowed } of (await Promise.all(asked)).flat()) {
        if (allowed) admitted.push({ at: realMs, cost: 1 });
      }
    }
    expect(worstWindow(admitted, windowMs)).toBeLessThanOrEqual(limit);
    expect(admitted.length).toBeGreaterThan(limit);
    storage.close();
  });
});

describe('processes on one Redis', () => {
  it.each([1, 2, 3, 4])('let through exactly the limit in every window, together: %d', async (processes) => {
    const windowMs = 400;
    const limits = [1, 10, 1000, 10_000];
    const script = fileURLToPath(new URL('hammer.mjs', import.meta.url));
    const children = Array.from({ length: processes }, () =>
      fork(script, [JSON.stringify({ port: server.port, prefix: `by-${processes}`, windowMs, limits, forMs: 1500 })]),
    );
    const told = await Promise.all(children.map(toldBy));
    for (const [index, limit] of limits.entries()) {
      const calls = told.flatMap((one) => one[index]!);
      // The server says to the millisecond when it was, unless it has rounded it; then a call was somewhere between question
      // and answer, and a window that holds both holds the call.
      const worst =
        limit <= 1024
          ? worstWindow(
              calls.map(stamped).sort((a, b) => a.at - b.at),
              windowMs,
            )
          : mostWithin(calls, windowMs);
      expect(worst).toBeLessThanOrEqual(limit);
      if (limit <= 1024) expect(worst).toBe(limit);
      expect(calls.length).toBeGreaterThan(0);
    }
  });
});

async function toldBy(child: ChildProcess): Promise<Told[][]> {
  const gone = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`a process has ended with ${code} and told nothing`)),
  );
  const [told] = (await Promise.race([once(child, 'message'), gone])) as [Told[][]];
  return told;
}

/** When a call that was let through was asked and answered, and its receipt. */
interface Told {
  readonly from: number;
  readonly to: number;
  readonly stamp: number;
  readonly cost: number;
}

const stamped = ({ stamp, cost }: Told): Admitted => ({ at: stamp, cost });

/** The most that was both asked and answered within one window. */
function mostWithin(calls: readonly Told[], windowMs: number): number {
  const heldFrom = (from: number): number =>
    calls.reduce((sum, call) => (call.from >= from && call.to < from + windowMs ? sum + call.cost : sum), 0);
  return Math.max(...calls.map(({ from }) => heldFrom(from)));
}
