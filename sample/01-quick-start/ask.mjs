// What CI asks of this sample: the lines that it prints, in order.
import assert from 'node:assert/strict';

export async function ask(url, output) {
  const person = /PERSON=(\S+)/.exec(output)[1];
  const machine = /MACHINE=(\S+)/.exec(output)[1];
  const call = (path, token, init) => fetch(url + path, { ...init, headers: { authorization: `Bearer ${token}` } });

  const orders = await call('/orders', person);
  assert.equal(orders.status, 200);
  assert.equal(orders.headers.get('x-ratelimit-limit'), '100');
  assert.deepEqual(await orders.json(), { orders: [1, 2, 3], for: 'alice', kind: 'human' });

  assert.equal((await call('/profile', person)).status, 200);
  const refused = await call('/profile', machine);
  assert.equal(refused.status, 403);
  assert.equal((await refused.json()).code, 'human_only');
  assert.equal((await call('/sync', machine, { method: 'POST' })).status, 201);
  assert.equal((await fetch(`${url}/orders`)).status, 401);

  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await call('/report', person)).status);
  assert.deepEqual(statuses, [200, 200, 200, 429]);

  const metrics = await (await fetch(`${url}/metrics`)).text();
  assert.match(metrics, /auth_token_validations_total\{result="success"\} [1-9]/);
  return '200, 403 for the machine, 401, 429, metrics';
}
