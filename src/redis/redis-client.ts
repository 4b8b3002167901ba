import { shown } from '../options/check.js';
import { OptionsError } from '../options/options-error.js';

/**
 * A client of Redis or Valkey that this package can use: `ioredis` (a single server, Sentinel or `Cluster`), `redis`
 * (node-redis: a client, a pool, Sentinel or a cluster), or anything with one function that sends a command.
 *
 * @example
 * ```ts
 * import { RedisRateLimitStorage, type RedisClientLike } from 'nestjs-auth-services/redis';
 *
 * declare const connection: { command(words: string[]): Promise<unknown> };
 * const client: RedisClientLike = { call: (...words) => connection.command(words.map(String)) };
 * const storage = new RedisRateLimitStorage(client, { shards: 1 });
 * ```
 */
export type RedisClientLike = RedisCallLike | RedisSendCommandLike | RedisClusterClientLike | RedisSentinelClientLike;

/** Sends a command as ioredis does. */
export interface RedisCallLike {
  /** The command's name and what it takes. */
  call(command: string, ...args: (string | Buffer | number)[]): Promise<unknown>;
}

/** Sends a command as node-redis does. */
export interface RedisSendCommandLike {
  /** The command's name and what it takes, in one list. */
  sendCommand(args: (string | Buffer)[]): Promise<unknown>;
}

/** The cluster of node-redis, which is told a key to find the node by. */
export interface RedisClusterClientLike {
  readonly masters: readonly unknown[];
  /** Sends a command to the node that has this key. */
  sendCommand(firstKey: string | undefined, isReadonly: boolean | undefined, args: string[]): Promise<unknown>;
}

/** The Sentinel client of node-redis, which is told whether a replica will do. */
export interface RedisSentinelClientLike {
  /** By this method such a client is known. */
  getMasterNode(): unknown;
  /** Sends a command to the master, or to a replica too. */
  sendCommand(isReadonly: boolean | undefined, args: string[]): Promise<unknown>;
}

/** What the storage needs of a client, whichever it is. */
export interface RedisConnection {
  readonly isCluster: boolean;
  /** False while the client itself knows that it has no connection: it would only keep the command for later. */
  isReady(): boolean;
  /** Sends a command, its name first, to the node that holds `key`. */
  send(key: string, command: readonly string[]): Promise<unknown>;
}

interface AnyClient {
  readonly call?: (...command: readonly string[]) => Promise<unknown>;
  readonly sendCommand?: (...args: readonly unknown[]) => Promise<unknown>;
  /** ioredis. */
  readonly status?: unknown;
  readonly isCluster?: unknown;
  /** node-redis. */
  readonly isReady?: unknown;
  readonly masters?: unknown;
  readonly getMasterNode?: unknown;
}

/** @throws OptionsError if it has no function that sends a command. */
export function connectionOf(given: RedisClientLike): RedisConnection {
  const client = given as AnyClient | null | undefined;
  if (typeof client?.call === 'function') {
    return {
      isCluster: client.isCluster === true,
      isReady: typeof client.status === 'string' ? () => client.status === 'ready' : always,
      send: (_key, command) => client.call!(...command),
    };
  }
  if (typeof client?.sendCommand === 'function') {
    return {
      isCluster: Array.isArray(client.masters),
      isReady: typeof client.isReady === 'boolean' ? () => client.isReady === true : always,
      send: senderOf(client),
    };
  }
  throw new OptionsError(
    'ERR_AUTH_SERVICES_OPTION_TYPE',
    `new RedisRateLimitStorage(client): client must have a function that sends a command, call(command, ...args) or sendCommand(args), got ${shown(given)}. Pass the client itself: new Redis() of ioredis, or what createClient() of redis returns.`,
  );
}

/** node-redis has three ways to be told a command, one for each kind of client. */
function senderOf(client: AnyClient): RedisConnection['send'] {
  if (Array.isArray(client.masters)) return (key, command) => client.sendCommand!(key, false, command);
  if (typeof client.getMasterNode === 'function') return (_key, command) => client.sendCommand!(false, command);
  return (_key, command) => client.sendCommand!(command);
}

const always = (): boolean => true;
