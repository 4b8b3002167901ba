import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** Stands in for your Redis: one that keeps nothing, on a free port, and ends with this process. */
export async function startOwnRedis(): Promise<string> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  server.on('error', () => {
    console.error('This sample needs Redis: set REDIS_URL, or install it (sudo apt-get install redis-server).');
    process.exit(1);
  });
  process.on('exit', () => server.kill());
  return `redis://127.0.0.1:${port}`;
}
