// Counts that several processes share, in Redis or Valkey
export { RedisRateLimitStorage } from './redis-rate-limit-storage.js';
export type { RedisRateLimitStorageOptions } from './redis-storage.options.js';
export type {
  RedisCallLike,
  RedisClientLike,
  RedisClusterClientLike,
  RedisSendCommandLike,
  RedisSentinelClientLike,
} from './redis-client.js';
