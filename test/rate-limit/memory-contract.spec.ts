// Real: the memory storage, once on the real clock and once on one that is moved by hand. Faked: nothing else.
import { describe, expect, it } from '@jest/globals';
import { MemoryRateLimitStorage } from '../../src/rate-limit/memory/memory-rate-limit-storage.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { rateLimitStorageContract } from '../../src/testing/rate-limit-storage-contract.js';

describe('the storage contract, kept by the memory storage in real time', () => {
  const cases = rateLimitStorageContract(() => new MemoryRateLimitStorage());
  it.concurrent.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, { run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});

describe('the storage contract, kept by the memory storage on a clock moved by hand', () => {
  const clock = new ManualClock();
  const create = () => new MemoryRateLimitStorage({ now: clock.now });
  for (const { name, run } of rateLimitStorageContract(create, { clock })) it(name, run);
});
