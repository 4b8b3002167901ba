// What CI asks of this sample: each limit until it refuses, and each way to give quota back.
import assert from 'node:assert/strict';

export async function ask(url, output) {
  const printed = (name) => new RegExp(`${name}=(\\S+)`).exec(output)[1];
  const [person, admin, machine] = ['PERSON', 'ADMIN', 'MACHINE'].map(printed);
  const bearer = (token) => ({ authorization: `Bearer ${token}` });
  const get = (path, headers) => fetch(url + path, { headers });
  const send = (method, path, token, body) =>
    fetch(url + path, {
      method,
      headers: { ...bearer(token), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const statuses = async (times, call) => {
    const found = [];
    for (let i = 0; i < times; i++) found.push((await call()).status);
    return found;
  };
  const answer = async (response) => (await response).json();

  // The decorator, its headers, and what a refusal says.
  const first = await get('/search', bearer(person));
  assert.equal(first.status, 200);
  assert.equal(first.headers.get('x-ratelimit-limit'), '5');
  assert.equal(first.headers.get('x-ratelimit-remaining'), '4');
  assert.equal(first.headers.get('ratelimit-policy'), '"default";q=5;w=60');
  assert.equal(first.headers.get('retry-after'), null);
  assert.deepEqual(await statuses(4, () => get('/search', bearer(person))), [200, 200, 200, 200]);
  const refused = await get('/search', bearer(person));
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get('x-ratelimit-remaining'), '0');
  const seconds = Number(refused.headers.get('retry-after'));
  assert.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`);
  assert.equal((await refused.json()).code, 'rate_limited');

  // Machines get more, and count apart.
  const sync = await get('/search', bearer(machine));
  assert.equal(sync.headers.get('x-ratelimit-limit'), '20');
  assert.equal(sync.headers.get('x-ratelimit-remaining'), '19');

  const two = await get('/search/suggestions', bearer(person));
  assert.equal(two.headers.get('ratelimit-policy'), '"burst";q=2;w=1, "minute";q=30;w=60');

  // Light and heavy reports spend from one budget.
  assert.equal((await get('/reports/light', bearer(person))).headers.get('x-ratelimit-remaining'), '9');
  assert.equal((await get('/reports/heavy', bearer(person))).headers.get('x-ratelimit-remaining'), '4');
  assert.equal((await get('/reports/heavy', bearer(person))).status, 429);
  assert.equal((await get('/reports/light', bearer(person))).headers.get('x-ratelimit-remaining'), '3');

  // By API key; a made-up one has no quota of its own.
  const prices = (key) => get('/prices', key === undefined ? {} : { 'x-api-key': key });
  assert.deepEqual(await statuses(4, () => prices('key-of-acme')), [200, 200, 200, 429]);
  assert.equal((await prices('key-of-globex')).status, 200);
  assert.deepEqual(await statuses(3, () => prices()), [200, 200, 200]);
  assert.equal((await prices('made-up')).status, 429);

  // By hand, at a cost that only the handler knows.
  const exported = await send('POST', '/exports', person, { rows: 7500 });
  assert.equal(exported.status, 201);
  assert.deepEqual(await exported.json(), { rows: 7500, cost: 8 });
  assert.equal(exported.headers.get('ratelimit-policy'), '"exports";q=10;w=60');
  const tooMuch = await send('POST', '/exports', person, { rows: 2001 });
  assert.equal(tooMuch.status, 429);
  assert.equal(tooMuch.headers.get('x-ratelimit-remaining'), '2');
  assert.ok(Number(tooMuch.headers.get('retry-after')) >= 1);
  assert.equal((await tooMuch.json()).code, 'rate_limited');
  assert.equal((await send('POST', '/exports', person, { rows: -1 })).status, 400);

  // By hand, without a refusal.
  const remind = (customer) => answer(send('POST', `/reminders/${customer}`, person));
  assert.deepEqual(await remind('carol'), { sent: true, remaining: 1 });
  assert.deepEqual(await remind('carol'), { sent: true, remaining: 0 });
  assert.deepEqual(await remind('carol'), { sent: false, remaining: 0 });
  assert.deepEqual(await remind('dave'), { sent: true, remaining: 1 });
  assert.equal((await send('DELETE', '/reminders/carol', person)).status, 403);
  assert.deepEqual(await answer(send('DELETE', '/reminders/carol', admin)), { remaining: 2 });
  await remind('carol');
  await send('DELETE', '/reminders', admin);
  for (const customer of ['carol', 'dave']) {
    assert.deepEqual(await answer(get(`/reminders/${customer}`, bearer(person))), { remaining: 2 });
  }

  // An administrator gives alice everything back, on every route, and takes nothing from others.
  assert.equal((await send('DELETE', '/limits/users/alice', person)).status, 403);
  assert.equal((await send('DELETE', '/limits/users/alice', admin)).status, 200);
  assert.equal((await get('/search', bearer(person))).headers.get('x-ratelimit-remaining'), '4');
  assert.equal((await get('/reports/light', bearer(person))).headers.get('x-ratelimit-remaining'), '9');
  assert.equal((await send('POST', '/exports', person, { rows: 10_000 })).status, 201);
  assert.equal((await get('/search', bearer(machine))).headers.get('x-ratelimit-remaining'), '18');
  await send('DELETE', '/limits/clients/billing-service', admin);
  assert.equal((await get('/search', bearer(machine))).headers.get('x-ratelimit-remaining'), '19');
  assert.equal((await prices('key-of-acme')).status, 429);
  await send('DELETE', '/limits', admin);
  assert.equal((await prices('key-of-acme')).status, 200);
  return 'decorator, API key, by hand, light and heavy, headers, machines, resets';
}
