// Real: the memory storage at its bound. Faked: the clock. What is asked: who loses a counter when there are too many.
import { describe, expect, it } from '@jest/globals';
import { MemoryRateLimitStorage } from '../../src/rate-limit/memory/memory-rate-limit-storage.js';
import { RATE_LIMIT_ALGORITHMS } from '../../src/rate-limit/algorithms/index.js';
import { charge } from '../../src/testing/storage-contract/asking.js';
import { makeLimiting } from './support/limited-app.js';

function full(maxKeys: number) {
  let now = 0;
  let overflows = 0;
  const storage = new MemoryRateLimitStorage({ maxKeys, now: () => now, onOverflow: () => overflows++ });
  const wait = (ms: number): void => {
    now += ms;
  };
  return { storage, wait, overflows: () => overflows };
}

describe.each(RATE_LIMIT_ALGORITHMS)('past the bound, %s', (algorithm) => {
  const it4 = charge('c', 4, { algorithm, windowMs: 60_000 });

  it('forgets what has expired first, and nobody who still counts', () => {
    const { storage, wait } = full(100);
    for (let i = 0; i < 50; i++) storage.consume(`key:old-${i}`, [it4]);
    wait(120_000);
    for (let i = 0; i < 50; i++) storage.consume(`key:young-${i}`, [it4]);
    for (let i = 0; i < 50; i++) storage.consume(`key:new-${i}`, [it4]);
    expect(storage.stats).toMatchObject({ evicted: 0, overflowed: 0 });
    for (let i = 0; i < 50; i++) expect(storage.peek(`key:young-${i}`, [it4])[0]!.remaining).toBe(3);
  });

  it('never forgets whom it has counted to more than half of the limit, so that a flood of names frees nobody', () => {
    const { storage } = full(200);
    for (let i = 0; i < 100; i++) storage.consume(`key:busy-${i}`, [{ ...it4, cost: 3 }]);
    for (let i = 0; i < 5000; i++) storage.consume(`key:flood-${i}`, [it4]);
    for (let i = 0; i < 100; i++) expect(storage.peek(`key:busy-${i}`, [it4])[0]!.remaining).toBe(1);
    expect(storage.stats.keys).toBeLessThanOrEqual(201);
    expect(storage.stats.evicted).toBeGreaterThan(4000);
  });

  it('never forgets whom it has blocked', () => {
    const { storage } = full(50);
    const blocking = { ...it4, blockMs: 600_000 };
    storage.consume('key:blocked', [{ ...blocking, cost: 5 }]);
    for (let i = 0; i < 2000; i++) storage.consume(`key:flood-${i}`, [it4]);
    expect(storage.peek('key:blocked', [blocking])[0]!.allowed).toBe(false);
  });

  it('where nobody may go, new names share one strict bucket, and each call that does is counted and told', () => {
    const { storage, overflows } = full(20);
    for (let i = 0; i < 20; i++) storage.consume(`key:busy-${i}`, [{ ...it4, cost: 4 }]);
    let allowed = 0;
    for (let i = 0; i < 100; i++) if (storage.consume(`key:new-${i}`, [it4])[0]!.allowed) allowed++;
    expect(allowed).toBe(4);
    expect(storage.stats).toMatchObject({ evicted: 0, overflowed: 100 });
    expect(overflows()).toBe(100);
    for (let i = 0; i < 20; i++) expect(storage.peek(`key:busy-${i}`, [it4])[0]!.allowed).toBe(false);
  });
});

describe('past rateLimit.maxKeys', () => {
  it('the application is told once by a warning, and of each call by an event', () => {
    const { limiting, warnings, events } = makeLimiting({ maxKeys: 2 }, false);
    for (let i = 0; i < 10; i++) void limiting.service.consume(`caller-${i}`, { maxRequests: 1 });
    expect(warnings).toEqual([expect.stringContaining('rateLimit.maxKeys is reached')]);
    expect(events.filter(({ type }) => type === 'rate_limit.overflow')).toHaveLength(8);
  });
});
