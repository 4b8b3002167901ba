// A redis-server of our own on a free port of the loopback, which keeps its data over a restart.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../sample.mjs';

export class RestartingRedis {
  #folder = mkdtempSync(join(tmpdir(), 'soak-redis-'));
  #child;

  async start() {
    this.port ??= await freePort();
    this.#child = spawn(
      'redis-server',
      ['--port', this.port, '--bind', '127.0.0.1', '--dir', this.#folder, '--appendonly', 'yes', '--save', ''],
      { stdio: 'ignore' },
    );
    for (let tries = 0; tries < 200; tries++) {
      if (await answers(this.port)) return;
      await sleep(25);
    }
    throw new Error('redis-server did not come up in five seconds');
  }

  /** Ends it in good order and waits: what it counted is there when it starts again. */
  async stop() {
    this.#child.kill('SIGTERM');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
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
