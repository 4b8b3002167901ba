// Real: the memory storage on the process's own clock, and the garbage collector. Faked: nothing.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { MemoryRateLimitStorage } from '../../src/rate-limit/memory/memory-rate-limit-storage.js';
import { RATE_LIMIT_ALGORITHMS } from '../../src/rate-limit/algorithms/index.js';
import { charge } from '../../src/testing/storage-contract/asking.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const charges = RATE_LIMIT_ALGORITHMS.map((algorithm) =>
  charge(`by ${algorithm}`, 100, { algorithm, windowMs: 86_400_000, blockMs: 1000 }),
);

describe('the memory storage', () => {
  it('starts no timer, neither when it is made nor for a call: none can pin a request or keep the process alive', () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const storage = new MemoryRateLimitStorage();
    for (let call = 0; call < 2000; call++) storage.consume(`key:${call % 50}`, charges);
    expect(storage.stats.keys).toBeGreaterThan(150);
    expect(timers()).toBe(before);
  });

  it('keeps nothing of the request that a call was made for', async () => {
    const storage = new MemoryRateLimitStorage();
    const requests = new AsyncLocalStorage<object>();
    const kept: WeakRef<object>[] = [];
    for (let call = 0; call < 100; call++) {
      const request = { id: call, body: Array.from({ length: 1000 }, () => call) };
      kept.push(new WeakRef(request));
      requests.run(request, () => storage.consume(`key:${call}`, charges));
    }
    // A reference that was just made is held until the turn has ended.
    await turn();
    collect();
    await turn();
    collect();
    // The last one may still stand on the stack.
    expect(kept.filter((one) => one.deref() !== undefined).length).toBeLessThanOrEqual(1);
    expect(storage.peek('key:7', charges).map(({ remaining }) => remaining)).toEqual([99, 99, 99, 99]);
  });
});
