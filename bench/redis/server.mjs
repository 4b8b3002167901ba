// A redis-server of the benchmark's own, on a free port of the loopback, without persistence.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const running = new Set();
// Whatever happens, none outlives this process.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

export async function startServer(port) {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  running.add(child);
  const admin = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 20 });
  admin.on('error', () => undefined);
  await admin.ping();
  const stop = async (signal = 'SIGTERM') => {
    admin.disconnect();
    running.delete(child);
    child.kill(signal);
    await once(child, 'exit');
  };
  return { port, admin, child, stop };
}
