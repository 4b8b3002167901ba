// Real Redis servers on free ports of the loopback: alone, with a replica and a Sentinel, or three masters as a cluster.
// Each is ended by the process that started it, by its own handle.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const DEADLINE_MS = 20_000;
/** `REDIS_SERVER=/usr/bin/valkey-server npm run jest -- test/redis`: the same against another program of its kind. */
const { REDIS_SERVER: PROGRAM = 'redis-server' } = process.env;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** One server, which can be killed, stopped and started again on its port. */
export class RedisServer {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly args: readonly string[],
  ) {}

  /** @param args Further arguments of redis-server; a first one that is a file is its configuration. */
  static async start(args: readonly string[] = [], port?: number): Promise<RedisServer> {
    const server = RedisServer.at(port ?? (await freePort()), args);
    await server.start();
    return server;
  }

  /** One that does not run yet. */
  static at(port: number, args: readonly string[] = []): RedisServer {
    return new RedisServer(port, mkdtempSync(join(tmpdir(), 'redis-test-')), args);
  }

  async start(): Promise<void> {
    const own = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder];
    const memoryOnly = this.args.includes('--sentinel') ? [] : ['--save', '', '--appendonly', 'no'];
    this.child = spawn(PROGRAM, [...this.args, ...own, ...memoryOnly], { stdio: 'ignore' });
    this.child.on('error', (error) => console.error(`${error.message}: tools/needs.mjs installs it`));
    await this.answers();
  }

  /** Dead at once, as by the kernel. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Alive and silent: connections stay, nothing is answered. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Sends one command on a connection of its own; gives the answer as it came, without its first character and line end. */
  async command(...words: readonly string[]): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    const text = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
    let answer = '';
    try {
      await once(socket, 'connect');
      socket.write(`*${words.length}\r\n${text}`);
      for await (const chunk of socket) {
        answer += String(chunk);
        if (isComplete(answer)) break;
      }
    } finally {
      socket.destroy();
    }
    if (answer.startsWith('-')) throw new Error(answer.trim());
    return answer.replace(/^[+:]|^\$\d+\r\n|\r\n$/g, '');
  }

  private async answers(): Promise<void> {
    await until(async () => (await this.command('PING').catch(() => '')) === 'PONG', `${PROGRAM} on ${this.port}`);
  }
}

function isComplete(answer: string): boolean {
  const bulk = /^\$(\d+)\r\n/.exec(answer);
  return bulk ? Buffer.byteLength(answer) >= bulk[0].length + Number(bulk[1]) + 2 : answer.endsWith('\r\n');
}

export async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`not so after ${DEADLINE_MS} ms: ${what}`);
    await wait(10);
  }
}

const SLOTS = 16_384;

/** Masters that hold a part of the slots each. */
export async function startCluster(masters = 3): Promise<readonly RedisServer[]> {
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
  const servers = await Promise.all(Array.from({ length: masters }, () => RedisServer.start(args)));
  await Promise.all(
    servers.map(async (server, index) => {
      const [from, to] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / masters)) as [number, number];
      await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      await server.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to - 1));
    }),
  );
  for (const server of servers) await server.command('CLUSTER', 'MEET', '127.0.0.1', String(servers[0]!.port));
  for (const server of servers) {
    await until(async () => {
      const info = await server.command('CLUSTER', 'INFO');
      return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${masters}`);
    }, 'the cluster is whole');
  }
  return servers;
}

export interface SentinelSetup {
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinel: RedisServer;
  readonly name: string;
  stop(): Promise<void>;
}

/** A master, its replica, and the Sentinel that makes one of the other when it dies. */
export async function startSentinel(): Promise<SentinelSetup> {
  const master = await RedisServer.start();
  const replica = await RedisServer.start(['--replicaof', '127.0.0.1', String(master.port)]);
  await until(
    async () => (await replica.command('INFO', 'replication')).includes('master_link_status:up'),
    'the replica',
  );
  const folder = mkdtempSync(join(tmpdir(), 'redis-sentinel-'));
  const config = join(folder, 'sentinel.conf');
  writeFileSync(
    config,
    `sentinel monitor limits 127.0.0.1 ${master.port} 1\n` +
      'sentinel down-after-milliseconds limits 300\nsentinel failover-timeout limits 2000\n',
  );
  const sentinel = await RedisServer.start([config, '--sentinel']);
  await until(
    async () => (await sentinel.command('SENTINEL', 'CKQUORUM', 'limits').catch(() => '')).startsWith('OK'),
    'the Sentinel knows its master',
  );
  await until(
    async () => (await sentinel.command('INFO', 'sentinel')).includes('slaves=1'),
    'the Sentinel knows the replica',
  );
  const stop = async (): Promise<void> => {
    await Promise.all([sentinel.stop(), replica.stop(), master.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
  return { master, replica, sentinel, name: 'limits', stop };
}
