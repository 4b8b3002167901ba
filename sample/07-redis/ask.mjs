// What CI asks of this sample: one limit from two processes, then the same without Redis.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';

export async function ask(_url, output) {
  const printed = (name) => new RegExp(`${name}=(\\S+)`).exec(output)[1];
  const [first, second, redis] = ['FIRST', 'SECOND', 'REDIS'].map(printed);
  const work = (url) => fetch(`${url}/work`);
  const login = (url) => fetch(`${url}/login`, { method: 'POST' });
  const statuses = async (times, url) => {
    const found = [];
    for (let i = 0; i < times; i++) found.push((await work(url)).status);
    return found;
  };

  // One limit: what one process has let through is missing at the other.
  const pids = new Set();
  for (const [index, url] of [first, second, first, second, first, second].entries()) {
    const response = await work(url);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('x-ratelimit-limit'), '6');
    assert.equal(response.headers.get('x-ratelimit-remaining'), String(5 - index));
    pids.add((await response.json()).answeredBy);
  }
  assert.equal(pids.size, 2);
  for (const url of [first, second]) {
    const refused = await work(url);
    assert.equal(refused.status, 429);
    assert.equal((await refused.json()).code, 'rate_limited');
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
  }
  assert.equal((await login(second)).status, 201);

  // Without Redis each process holds its share, and what is closed says so.
  const { hostname, port } = new URL(redis);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  socket.write('SHUTDOWN NOSAVE\r\n');
  await once(socket.resume(), 'close');
  const closed = await login(first);
  assert.equal(closed.status, 503);
  assert.equal((await closed.json()).code, 'rate_limit_unavailable');
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.deepEqual(await statuses(4, first), [200, 200, 200, 429]);
  assert.deepEqual(await statuses(4, second), [200, 200, 200, 429]);
  return 'one limit from two processes, shares of it and a closed one without Redis';
}
