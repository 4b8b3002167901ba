// Real: the constructor. Faked: clients, of which only the functions they have matter here.
import { describe, expect, it } from '@jest/globals';
import { OptionsError } from '../../src/options/options-error.js';
import {
  RedisRateLimitStorage,
  type RedisClientLike,
  type RedisRateLimitStorageOptions,
} from '../../src/redis/index.js';
import { connectionOf } from '../../src/redis/redis-client.js';
import { shardOf } from '../../src/redis/shard-of.js';

const client: RedisClientLike = { call: async () => 1 };

describe('what is refused at start, because it would fail silently later', () => {
  it.each<[unknown, RegExp]>([
    [{ deadlineMs: 0 }, /deadlineMs must be a number above 0/],
    [{ deadlineMs: Number.NaN }, /deadlineMs must be/],
    [{ deadlineMs: '50' }, /Number\(\)/],
    [{ deadlineMs: 60_000 }, /at most 10000/],
    [{ shards: 0 }, /shards must be a whole number of at least 1/],
    [{ shards: 2.5 }, /shards must be/],
    [{ prefix: '' }, /prefix/],
    [{ prefix: 'a b' }, /printable/],
    [{ prefix: '{app}' }, /brace/],
    [{ denyCache: 'no' }, /denyCache must be true or false/],
    [{ deadline: 50 }, /Did you mean "deadlineMs"/],
    [null, /must be an object/],
  ])('%p', (options, message) => {
    const create = (): unknown => new RedisRateLimitStorage(client, options as RedisRateLimitStorageOptions);
    expect(create).toThrow(OptionsError);
    expect(create).toThrow(message);
  });

  it.each([[undefined], [null], ['redis://localhost'], [{}], [{ call: 'x' }], [{ get: () => 1 }]])(
    'a client without a function that sends a command: %p',
    (given) => {
      expect(() => new RedisRateLimitStorage(given as never)).toThrow(/function that sends a command/);
    },
  );
});

describe('the way to a client', () => {
  const sent: unknown[][] = [];
  const note = (...args: unknown[]): Promise<number> => {
    sent.push(args);
    return Promise.resolve(1);
  };
  const last = (): unknown => sent.at(-1);

  it('is the one that it has: spread out, as a list, with a key for a cluster, without a replica for Sentinel', async () => {
    await connectionOf({ call: note }).send('k', ['GET', 'k']);
    expect(last()).toEqual(['GET', 'k']);
    await connectionOf({ sendCommand: note }).send('k', ['GET', 'k']);
    expect(last()).toEqual([['GET', 'k']]);
    await connectionOf({ masters: [], sendCommand: note }).send('k', ['GET', 'k']);
    expect(last()).toEqual(['k', false, ['GET', 'k']]);
    await connectionOf({ getMasterNode: () => undefined, sendCommand: note }).send('k', ['GET', 'k']);
    expect(last()).toEqual([false, ['GET', 'k']]);
  });

  it('is closed while the client itself says so', () => {
    expect(connectionOf({ call: note }).isReady()).toBe(true);
    expect(connectionOf({ call: note, status: 'reconnecting' } as RedisClientLike).isReady()).toBe(false);
    expect(connectionOf({ call: note, status: 'ready' } as RedisClientLike).isReady()).toBe(true);
    expect(connectionOf({ sendCommand: note, isReady: false } as RedisClientLike).isReady()).toBe(false);
  });
});

describe('the shards', () => {
  it('hold about as many identities each, and the same in every process', () => {
    const counts = new Map<number, number>();
    for (let index = 0; index < 16_000; index++) {
      const shard = shardOf(`user:${index}`, 16);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(16);
    expect(Math.min(...counts.values())).toBeGreaterThan(800);
    expect([shardOf('user:1', 16), shardOf('ip:203.0.113.7', 16), shardOf('', 16)]).toEqual([
      shardOf('user:1', 16),
      shardOf('ip:203.0.113.7', 16),
      0x811c9dc5 % 16,
    ]);
  });
});
