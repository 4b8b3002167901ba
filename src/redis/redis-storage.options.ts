import { boolean, number, shape, string, type Check } from '../options/check.js';
import { OptionsError } from '../options/options-error.js';

/** How a `RedisRateLimitStorage` names its keys, and how long it waits. */
export interface RedisRateLimitStorageOptions {
  /**
   * What every key begins with: applications that share a server need one each, processes of one application the same. 1 to
   * 64 printable characters without spaces, `{` and `}`. @default 'rl'
   */
  prefix?: string | undefined;
  /**
   * How long a call waits for an answer at most, in milliseconds; after that the policy's `onStoreFailure` decides, and until
   * the server answers again no call waits at all. Above 0, at most 10,000. @default 50
   */
  deadlineMs?: number | undefined;
  /**
   * Into how many parts the identities are divided, each with a hash tag of its own, so that a cluster spreads them over its
   * nodes: 4 to 8 for each master. All processes of an application need the same number, and another number starts all counts
   * anew. 1 to 1,024. @default 16 with a cluster client of ioredis or node-redis; otherwise one part, without a hash tag
   */
  shards?: number | undefined;
  /**
   * Answer for up to a second what has just been refused, without asking the server again: until it would be allowed, or
   * until this process gives something back. A reset made by another process is seen at most a second late. @default true
   */
  denyCache?: boolean | undefined;
}

export interface CheckedRedisOptions {
  readonly prefix: string;
  readonly deadlineMs: number;
  readonly shards: number | undefined;
  readonly denyCache: boolean;
}

const DEFAULT_CLUSTER_SHARDS = 16;

const checkPrefix: Check = (value, path) => {
  string(value, path);
  if (/^[\x21-\x7a|~]{1,64}$/.test(value as string)) return;
  throw new OptionsError(
    'ERR_AUTH_SERVICES_OPTION_RANGE',
    `${path} must be 1 to 64 printable ASCII characters without spaces, "{" and "}" (a brace would decide the node of a cluster), got ${JSON.stringify(value).slice(0, 100)}.`,
  );
};

const check = shape<RedisRateLimitStorageOptions>({
  prefix: checkPrefix,
  deadlineMs: number({ above: 0, max: 10_000 }),
  shards: number({ integer: true, min: 1, max: 1024 }),
  denyCache: boolean,
});

/** @throws OptionsError naming the option, its value and what it takes. */
export function checkedOptions(given: RedisRateLimitStorageOptions, isCluster: boolean): CheckedRedisOptions {
  check(given, 'RedisRateLimitStorage options');
  return {
    prefix: given.prefix ?? 'rl',
    deadlineMs: given.deadlineMs ?? 50,
    shards: given.shards ?? (isCluster ? DEFAULT_CLUSTER_SHARDS : undefined),
    denyCache: given.denyCache ?? true,
  };
}
