// One of several processes on one Redis: asks as fast as it is answered, and tells what was let through. Uses the built package.
import { Redis } from 'ioredis';
import { RedisRateLimitStorage } from 'nestjs-auth-services/redis';

const { port, prefix, windowMs, limits, forMs } = JSON.parse(process.argv[2]);
const redis = new Redis({ port, host: '127.0.0.1' });
const storage = new RedisRateLimitStorage(redis, { prefix, deadlineMs: 5000 });
const now = () => performance.timeOrigin + performance.now();

async function hammer(limit) {
  const told = [];
  const cost = Math.max(1, Math.floor(limit / 20));
  const counting = { algorithm: 'sliding-window', limit, burst: limit, windowMs, cost, blockMs: 0, shadow: false };
  const charges = [{ counter: `of ${limit}`, ...counting }];
  const end = now() + forMs;
  const ask = async () => {
    while (now() < end) {
      const from = now();
      const [answer] = await storage.consume('key:x', charges);
      if (answer.allowed) told.push({ from, to: now(), stamp: answer.receipt, cost });
      // What is refused without a question takes no time at all: others have to get their turn.
      else await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  return told;
}

const told = await Promise.all(limits.map(hammer));
process.send(told, () => {
  storage.close();
  redis.disconnect();
  process.disconnect();
});
