// A redis-server on the loopback for the length of the benchmark, which keeps nothing.
import { spawn } from 'node:child_process';
import { createServer, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { need } from '../../tools/needs.mjs';

export async function startRedis() {
  need('redis-server');
  const port = await freePort();
  const child = spawn('redis-server', ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  });
  const stop = () => child.kill('SIGTERM');
  process.on('exit', stop);
  for (let tries = 0; tries < 200; tries++) {
    if (await isUp(port)) return { port, stop };
    await sleep(25);
  }
  throw new Error('redis-server did not come up in five seconds');
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const isUp = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
