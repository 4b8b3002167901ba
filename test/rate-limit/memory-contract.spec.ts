// Real: the memory storage, once on the real clock and once on one that is moved by hand. Faked: nothing else.
import { describe, it } from '@jest/globals';
import { MemoryRateLimitStorage } from '../../src/rate-limit/memory/memory-rate-limit-storage.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { rateLimitStorageContract } from '../../src/testing/rate-limit-storage-contract.js';

describe('the storage contract, kept by the memory storage on the real clock', () => {
  for (const { name, run } of rateLimitStorageContract(() => new MemoryRateLimitStorage())) it(name, run);
});

describe('the storage contract, kept by the memory storage on a clock moved by hand', () => {
  const clock = new ManualClock();
  const create = () => new MemoryRateLimitStorage({ now: clock.now });
  const advance = (ms: number) => clock.advance(ms);
  for (const { name, run } of rateLimitStorageContract(create, { advance })) it(name, run);
});
