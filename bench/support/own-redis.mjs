// A redis-server of our own on a free port of the loopback: it ends with this process, and nothing of it is left behind.
// Another program of its kind is named by REDIS_SERVER: REDIS_SERVER=/usr/bin/valkey-server npm run bench -- redis
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { need } from '../../tools/needs.mjs';
import { freePort } from '../../tools/sample.mjs';

const { REDIS_SERVER: PROGRAM = 'redis-server' } = process.env;
let isThere = PROGRAM !== 'redis-server';

export class OwnRedis {
  #folder = mkdtempSync(join(tmpdir(), 'bench-redis-'));
  #persistence;
  #child;

  constructor(port, persistence) {
    this.port = port;
    this.#persistence = persistence;
    process.once('exit', () => this.#child?.kill('SIGKILL'));
  }

  /** One that does not run yet. `keepsCounts`: it still has them when it runs again. */
  static async prepare({ keepsCounts = false } = {}) {
    if (!isThere) need(PROGRAM);
    isThere = true;
    return new OwnRedis(await freePort(), ['--save', '', '--appendonly', keepsCounts ? 'yes' : 'no']);
  }

  static async start(options) {
    const redis = await OwnRedis.prepare(options);
    await redis.run();
    return redis;
  }

  async run() {
    const place = ['--port', this.port, '--bind', '127.0.0.1', '--dir', this.#folder];
    this.#child = spawn(PROGRAM, [...place, ...this.#persistence], { stdio: 'ignore' });
    for (let tries = 0; tries < 400; tries++) {
      if (await answers(this.port)) return;
      await sleep(25);
    }
    throw new Error(`${PROGRAM} did not come up in ten seconds`);
  }

  /** Alive and silent. */
  pause() {
    this.#child.kill('SIGSTOP');
  }

  resume() {
    this.#child.kill('SIGCONT');
  }

  /** In good order by default; `SIGKILL`: dead at once. */
  async stop(signal = 'SIGTERM') {
    const child = this.#child;
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  async end() {
    await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}
