import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';

export const REDIS = Symbol('redis');

/** A connection of its own for the limiter, which comes back soon after its server does. */
@Global()
@Module({
  providers: [
    {
      provide: REDIS,
      useFactory: () => {
        const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379', {
          retryStrategy: (times) => Math.min(times * 50, 500),
        });
        // The limiter says what an outage means; a client without a listener would print each failed attempt.
        redis.on('error', () => undefined);
        return redis;
      },
    },
  ],
  exports: [REDIS],
})
export class RedisModule implements OnApplicationShutdown {
  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
