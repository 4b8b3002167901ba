// What callers see of a server that is killed, stopped, or was never there: asked a hundred times a second.
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { RateLimiter } from '../../dist/esm/index.js';
import { RedisRateLimitStorage } from '../../dist/esm/redis/index.js';
import { OwnRedis } from '../support/own-redis.mjs';

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
  const server = await OwnRedis.prepare();
  if (name !== 'never there') await server.run();
  const redis = new Redis({
    port: server.port,
    host: '127.0.0.1',
    retryStrategy: (times) => Math.min(times * 50, 500),
  });
  redis.on('error', () => undefined);
  const storage = new RedisRateLimitStorage(redis, { deadlineMs: DEADLINE_MS });
  const policy = { name: 'api', maxRequests: 1_000_000, windowSeconds: 60 };
  const pumped = pump(new RateLimiter(policy, storage));
  await wait(500);
  const began = performance.now();
  await outage(server);
  const back = performance.now();
  await wait(2000);
  pumped.stop();
  await wait(200);
  const during = pumped.calls.filter(({ at }) => at >= began && at < back);
  const waits = during.map(({ ms }) => ms).sort((a, b) => a - b);
  const first = pumped.calls.find(({ at, source }) => at >= back && source === 'store');
  redis.disconnect();
  await server.end();
  const figures = [quantile(waits, 0.5), quantile(waits, 0.99), waits.at(-1)].map((ms) => ms.toFixed(2));
  const returned = first === undefined ? 'not' : `${Math.round(first.at - back)} ms`;
  console.log(`| ${[name, during.length, ...figures, pumped.errors(), pumped.pending(), returned].join(' | ')} |`);
}

export async function outages() {
  console.log(`\noutages, a call every 10 ms, deadline ${DEADLINE_MS} ms`);
  console.log('| outage | calls | p50 ms | p99 ms | longest ms | errors | pending | back on Redis after |');
  console.log('| --- | --: | --: | --: | --: | --: | --: | --: |');
  await watch('killed, back after 4 s', async (server) => {
    await server.stop('SIGKILL');
    await wait(4000);
    await server.run();
  });
  await watch('stopped for 5 s', async (server) => {
    server.pause();
    await wait(5000);
    server.resume();
  });
  await watch('never there', async (server) => {
    await wait(4000);
    await server.run();
  });
}
