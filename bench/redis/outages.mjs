// What callers see of a server that is killed, stopped, or was never there: asked a hundred times a second.
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { RateLimiter } from '../../dist/esm/index.js';
import { RedisRateLimitStorage } from '../../dist/esm/redis/index.js';
import { freePort, startServer } from './server.mjs';

const DEADLINE_MS = 50;
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** Asks every 10 ms until told to stop; counts how long each answer took beyond what the process itself was late. */
function pump(limiter) {
  const calls = [];
  let pending = 0;
  let errors = 0;
  const timer = setInterval(() => {
    const at = performance.now();
    pending++;
    Promise.resolve(limiter.consume(`key-${calls.length % 50}`)).then(
      ({ source }) => {
        pending--;
        calls.push({ at, ms: performance.now() - at, source });
      },
      () => errors++,
    );
  }, 10);
  return { calls, pending: () => pending, errors: () => errors, stop: () => clearInterval(timer) };
}

async function watch(name, outage) {
  const port = await freePort();
  let server = name === 'never there' ? undefined : await startServer(port);
  const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: (times) => Math.min(times * 50, 500) });
  redis.on('error', () => undefined);
  const storage = new RedisRateLimitStorage(redis, { deadlineMs: DEADLINE_MS });
  const policy = { name: 'api', maxRequests: 1_000_000, windowSeconds: 60 };
  const pumped = pump(new RateLimiter(policy, storage));
  await wait(500);
  const began = performance.now();
  server = await outage(server, port);
  const back = performance.now();
  await wait(2000);
  pumped.stop();
  await wait(200);
  const during = pumped.calls.filter(({ at }) => at >= began && at < back);
  const waits = during.map(({ ms }) => ms).sort((a, b) => a - b);
  const first = pumped.calls.find(({ at, source }) => at >= back && source === 'store');
  redis.disconnect();
  await server?.stop('SIGKILL');
  const figures = [quantile(waits, 0.5), quantile(waits, 0.99), waits.at(-1)].map((ms) => ms.toFixed(2));
  const returned = first === undefined ? 'not' : `${Math.round(first.at - back)} ms`;
  console.log(`| ${[name, during.length, ...figures, pumped.errors(), pumped.pending(), returned].join(' | ')} |`);
}

export async function outages() {
  console.log(`\noutages, a call every 10 ms, deadline ${DEADLINE_MS} ms`);
  console.log('| outage | calls | p50 ms | p99 ms | longest ms | errors | pending | back on Redis after |');
  console.log('| --- | --: | --: | --: | --: | --: | --: | --: |');
  await watch('killed, back after 4 s', async (server, port) => {
    await server.stop('SIGKILL');
    await wait(4000);
    return startServer(port);
  });
  await watch('stopped for 5 s', async (server) => {
    server.child.kill('SIGSTOP');
    await wait(5000);
    server.child.kill('SIGCONT');
    return server;
  });
  await watch('never there', async (_server, port) => {
    await wait(4000);
    return startServer(port);
  });
}
