import type { RateLimitAnswer, RateLimitCharge, RateLimitStorage } from '../rate-limit/storage.js';
import { CallPlan, headsOfCounter } from './call-plan.js';
import { DenyCache } from './deny-cache.js';
import { Plans } from './plans.js';
import { connectionOf, type RedisClientLike } from './redis-client.js';
import { checkedOptions, type RedisRateLimitStorageOptions } from './redis-storage.options.js';
import { SWEEP } from './scripts/sweep.js';
import { Shard } from './shard.js';
import { shardOf } from './shard-of.js';

/**
 * The counts in Redis or Valkey, shared by all processes that use the same server and prefix: as exact as in the memory of
 * one, by the clock of the server. Redis 6.2 and newer, Valkey; a single server, Sentinel, or a cluster.
 *
 * What is asked in one tick travels together, and a call that is far over its limit is refused without a question for up to
 * a second. A server that does not answer within `deadlineMs` fails the call, and until it answers again every call fails at
 * once: what then happens is each policy's `onStoreFailure`. A call that has failed for the deadline may have been charged,
 * if the server decided it in time and only its answer was late; what reaches the server later is not charged.
 *
 * The client stays the application's own: `close` does not close it. Give the limiter a connection to itself, and one that
 * reconnects within half a second (docs/15-redis.md).
 *
 * @example
 * ```ts
 * import { Redis } from 'ioredis';
 * import { RedisRateLimitStorage } from 'nestjs-auth-services/redis';
 *
 * const redis = new Redis({ host: 'localhost', retryStrategy: (times) => Math.min(times * 50, 500) });
 * AuthServicesModule.forRoot({ rateLimit: { storage: new RedisRateLimitStorage(redis) } });
 * ```
 */
export class RedisRateLimitStorage implements RateLimitStorage {
  readonly source = 'store';
  readonly shared = true;
  private readonly shards: readonly Shard[];
  private readonly denied: DenyCache | undefined;
  private readonly consuming = new Plans('consume');
  private readonly peeking = new Plans('peek');
  private readonly debiting = new Plans('debit');

  /** @throws OptionsError if the client cannot send a command, or an option is not what it should be. */
  constructor(client: RedisClientLike, options: RedisRateLimitStorageOptions = {}) {
    const connection = connectionOf(client);
    const { prefix, deadlineMs, shards, denyCache } = checkedOptions(options, connection.isCluster);
    const bases = shards === undefined ? [`${prefix}:`] : Array.from({ length: shards }, (_, i) => `${prefix}{${i}}:`);
    this.shards = bases.map((base) => new Shard(base, connection, deadlineMs));
    this.denied = denyCache ? new DenyCache() : undefined;
  }

  /** Some of the counts cannot be had now. */
  get isDown(): boolean {
    return this.shards.some((shard) => shard.isDown);
  }

  consume(identity: string, charges: readonly RateLimitCharge[]): Promise<readonly RateLimitAnswer[]> {
    if (charges.length === 0) return Promise.resolve([]);
    const { denied } = this;
    const known = denied?.find(identity, charges);
    if (known !== undefined) return Promise.resolve(known);
    return this.shardFor(identity).ask(this.consuming.of(charges), identity, denied);
  }

  peek(identity: string, charges: readonly RateLimitCharge[]): Promise<readonly RateLimitAnswer[]> {
    if (charges.length === 0) return Promise.resolve([]);
    return this.shardFor(identity).ask(this.peeking.of(charges), identity);
  }

  async refund(
    identity: string,
    charges: readonly RateLimitCharge[],
    receipts?: readonly (number | string | undefined)[],
  ): Promise<void> {
    if (charges.length === 0) return;
    await this.shardFor(identity).ask(CallPlan.of('refund', charges, receipts), identity);
    this.denied?.forget(identity);
  }

  async debit(identity: string, charges: readonly RateLimitCharge[]): Promise<void> {
    if (charges.length > 0) await this.shardFor(identity).ask(this.debiting.of(charges), identity);
  }

  async reset(identity: string, counters?: readonly string[]): Promise<void> {
    const shard = this.shardFor(identity);
    if (counters === undefined) await this.sweep(shard, 'identity', [identity]);
    else if (counters.length > 0) await shard.ask(CallPlan.forgetting(counters), identity);
    this.denied?.forget(identity);
  }

  async clear(counters?: readonly string[]): Promise<void> {
    const picked = counters === undefined ? [] : counters.flatMap(headsOfCounter);
    await Promise.all(
      this.shards.map((shard) => this.sweep(shard, counters === undefined ? 'all' : 'counters', picked)),
    );
    this.denied?.clear();
  }

  /** Ends what waits. The client is the application's to close. */
  close(): void {
    for (const shard of this.shards) shard.close();
    this.denied?.clear();
  }

  private shardFor(identity: string): Shard {
    const { shards } = this;
    return shards.length === 1 ? shards[0]! : shards[shardOf(identity, shards.length)]!;
  }

  private async sweep(shard: Shard, how: 'all' | 'counters' | 'identity', picked: readonly string[]): Promise<void> {
    let cursor = '0';
    do cursor = String(await shard.run(SWEEP, [shard.base], [cursor, how, ...picked]));
    while (cursor !== '0');
  }
}
