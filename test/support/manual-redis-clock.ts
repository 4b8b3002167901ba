// A real server whose clock, as the scripts see it, is moved by hand: in their text, on its way, the question for the time
// becomes one for a key. All else is as it is in production.
import type { Redis } from 'ioredis';
import type { RedisClientLike } from '../../src/redis/redis-client.js';

const KEY = 'clock';

export function onManualClock(client: Redis, now: () => number): RedisClientLike {
  const known = new Map<string, string>();
  let shownAt: number | undefined;
  const show = (): void => {
    const at = now();
    if (at === shownAt) return;
    shownAt = at;
    // On the same connection: whatever follows is decided at this time.
    void client.hset(KEY, 's', Math.floor(at / 1000), 'us', Math.round((at % 1000) * 1000));
  };
  return {
    async call(command, ...args) {
      show();
      const [script, ...rest] = args.map(String) as [string, ...string[]];
      if (command === 'EVALSHA') {
        const sha = known.get(script);
        if (sha === undefined) throw new Error('NOSCRIPT of the original text');
        return client.call('EVALSHA', sha, ...rest);
      }
      const text = script
        .replace("call('TIME')", `call('HMGET','${KEY}','s','us')`)
        // The server's own expiry goes by its own clock, which stands still beside this one.
        .replaceAll("'PX',", "'PX',1000000000+0*");
      const [original, replaced] = await Promise.all([script, text].map((one) => client.script('LOAD', one)));
      known.set(String(original), String(replaced));
      return client.call('EVALSHA', String(replaced), ...rest);
    },
  };
}
