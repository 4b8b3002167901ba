import { Module } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { AuthServicesModule } from 'nestjs-auth-services';
import { RedisRateLimitStorage } from 'nestjs-auth-services/redis';
import { REDIS, RedisModule } from './redis.module.js';
import { WorkController } from './work.controller.js';

@Module({
  imports: [
    RedisModule,
    AuthServicesModule.forRootAsync({
      inject: [REDIS],
      useFactory: (redis: Redis) => ({
        rateLimit: {
          storage: new RedisRateLimitStorage(redis, { prefix: 'sample' }),
          // How many processes share the limits: each keeps to its share while Redis is away.
          expectedProcesses: 2,
        },
      }),
    }),
  ],
  controllers: [WorkController],
})
export class AppModule {}
