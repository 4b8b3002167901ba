// The clients that the storage is tried with: those of the field, and the least that one can be.
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { RedisClientLike } from '../../src/redis/redis-client.js';

export interface TestClient {
  readonly client: RedisClientLike;
  end(): Promise<void> | void;
}

export type ClientName = 'ioredis' | 'node-redis' | 'one function';

export const CLIENTS: readonly ClientName[] = ['ioredis', 'node-redis', 'one function'];

export async function connectTo(name: ClientName, port: number): Promise<TestClient> {
  if (name === 'ioredis') return ioredis(port);
  return name === 'node-redis' ? nodeRedis(port) : OneFunctionClient.connect(port);
}

export function ioredis(port: number): TestClient & { readonly client: Redis } {
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: (times) => Math.min(times * 50, 500) });
  client.on('error', () => undefined);
  return { client, end: () => client.disconnect() };
}

async function nodeRedis(port: number): Promise<TestClient> {
  const reconnectStrategy = (retries: number): number => Math.min(retries * 50, 500);
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy } });
  client.on('error', () => undefined);
  await client.connect();
  return { client, end: () => client.destroy() };
}

/** Commands out, answers in, in order; nothing known of its state, no reconnecting. Whole numbers come as text. */
class OneFunctionClient {
  private readonly waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  private received = Buffer.alloc(0);

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.waiting.splice(0)) reject(new Error('the connection is closed'));
    });
  }

  static async connect(port: number): Promise<TestClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const client = new OneFunctionClient(socket);
    return {
      client: { call: (...words) => client.send(words) },
      end: () => void socket.destroy(),
    };
  }

  private send(words: readonly (string | Buffer | number)[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Error('the connection is closed'));
      this.waiting.push({ resolve, reject });
      const text = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${String(word)}\r\n`);
      this.socket.write(`*${words.length}\r\n${text.join('')}`);
    });
  }

  private read(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    for (;;) {
      const parsed = parse(this.received, 0);
      if (parsed === undefined) return;
      this.received = this.received.subarray(parsed.next);
      const asked = this.waiting.shift()!;
      if (parsed.value instanceof Error) asked.reject(parsed.value);
      else asked.resolve(parsed.value);
    }
  }
}

function parse(bytes: Buffer, at: number): { value: unknown; next: number } | undefined {
  const end = bytes.indexOf('\r\n', at);
  if (end < 0) return undefined;
  const text = bytes.toString('utf8', at + 1, end);
  const next = end + 2;
  switch (String.fromCharCode(bytes[at]!)) {
    case '-':
      return { value: new Error(text), next };
    case '$': {
      const length = Number(text);
      if (length < 0) return { value: null, next };
      if (bytes.length < next + length + 2) return undefined;
      return { value: bytes.toString('utf8', next, next + length), next: next + length + 2 };
    }
    case '*': {
      const values: unknown[] = [];
      let from = next;
      for (let index = 0; index < Number(text); index++) {
        const element = parse(bytes, from);
        if (element === undefined) return undefined;
        values.push(element.value);
        from = element.next;
      }
      return { value: values, next: from };
    }
    default:
      return { value: text, next };
  }
}
