// A redis-server of our own on a free port of the loopback, which keeps its counts over a restart and nothing after its end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { need } from '../../tools/needs.mjs';
import { freePort } from '../../tools/sample.mjs';

export class OwnRedis {
  #folder = mkdtempSync(join(tmpdir(), 'bench-redis-'));
  #child;

  static async start() {
    need('redis-server');
    const redis = new OwnRedis();
    redis.port = await freePort();
    process.on('exit', () => redis.#child?.kill('SIGKILL'));
    await redis.restart();
    return redis;
  }

  async restart() {
    const place = ['--port', this.port, '--bind', '127.0.0.1', '--dir', this.#folder];
    this.#child = spawn('redis-server', [...place, '--appendonly', 'yes', '--save', ''], { stdio: 'ignore' });
    for (let tries = 0; tries < 400; tries++) {
      if (await answers(this.port)) return;
      await sleep(25);
    }
    throw new Error('redis-server did not come up in ten seconds');
  }

  /** Ends it in good order and waits. */
  async stop() {
    const child = this.#child;
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }

  async end() {
    await this.stop();
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
