// What CI asks of this sample: what each request and each call by hand leaves in the trail, and what is kept out of it.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const IBAN = 'DE02120300000000202051';

export async function ask(url, output) {
  const printed = (name) => new RegExp(`${name}=(\\S+)`).exec(output)[1];
  const [admin, directory] = ['ADMIN', 'AUDIT_DIR'].map(printed);
  const call = (method, path, token, body) =>
    fetch(url + path, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  const events = async (query) => (await call('GET', `/audit/events?${new URLSearchParams(query)}`, admin)).json();
  const newest = async (query) => {
    const [event] = await events(query);
    assert.ok(event, `an event for ${JSON.stringify(query)}`);
    return event;
  };

  // A login: refused without a word why, and the trail knows; then accepted.
  const guess = await call('POST', '/login', undefined, { username: 'alice', password: 'guess' });
  assert.equal(guess.status, 401);
  assert.doesNotMatch(await guess.text(), /wrong_password/);
  const failures = await events({ type: 'auth_failure' });
  const byHand = failures.find(({ reason }) => reason === 'wrong_password');
  assert.deepEqual(byHand.metadata, { username: 'alice' });
  assert.equal(failures.find(({ path }) => path === '/login').statusCode, 401);
  const login = await call('POST', '/login', undefined, { username: 'alice', password: 'wonderland' });
  assert.equal(login.status, 201);
  const { token: alice } = await login.json();
  assert.equal((await newest({ type: 'auth_success', user: 'alice' })).action, 'login');

  // An operation, and how it ended: well, badly, not at all.
  const transfer = (from, amount) => call('POST', '/transfers', alice, { from, iban: IBAN, amount });
  const done = await transfer('A-1', 30);
  assert.equal(done.status, 201);
  assert.deepEqual(await done.json(), { balance: 70 });
  const completed = await newest({ type: 'transfer_completed', user: 'alice' });
  assert.equal(completed.outcome, 'success');
  assert.deepEqual(completed.metadata, { from: 'A-1', iban: '[redacted]', amount: 30 });
  assert.equal((await transfer('A-1', 900)).status, 422);
  assert.equal((await newest({ type: 'transfer_failed' })).reason, 'insufficient_funds');
  assert.equal((await events({ type: 'transfer_started' })).length, 2);
  assert.equal((await transfer('B-1', 1)).status, 403);
  const denials = await events({ type: 'access_denied', user: 'alice' });
  assert.ok(denials.some(({ reason, action }) => reason === 'not_owner' && action === 'transfer.create'));

  // Changes of a resource.
  assert.equal((await call('PUT', '/customers/c-1', alice, { city: 'Oslo', password: 'hunter2' })).status, 200);
  const updated = (await events({ user: 'alice' })).find(({ action }) => action === 'customer.update');
  assert.equal(updated.eventType, 'request_success');
  assert.equal(updated.route, '/customers/:id');
  assert.deepEqual(updated.metadata, { id: 'c-1', version: 1, changed: { city: 'Oslo', password: '[redacted]' } });
  assert.equal((await call('DELETE', '/customers/c-1', alice)).status, 200);
  const removed = (await events({ user: 'alice' })).find(({ action }) => action === 'customer.delete');
  assert.deepEqual(removed.metadata, { id: 'c-1' });
  assert.equal((await call('DELETE', '/customers/c-1', alice)).status, 404);
  assert.equal((await newest({ type: 'request_error', user: 'alice' })).statusCode, 404);

  // What is skipped, except where somebody is refused.
  assert.equal((await call('GET', '/heartbeat', alice)).status, 200);
  assert.equal((await call('GET', '/heartbeat')).status, 401);
  const beats = (await events()).filter(({ path }) => path === '/heartbeat');
  assert.deepEqual(
    beats.map(({ statusCode, reason }) => [statusCode, reason]),
    [[401, 'missing']],
  );

  // Who may read the trail; that it was read is in it.
  assert.equal((await call('GET', '/audit/events', alice)).status, 403);
  assert.equal((await newest({ type: 'access_denied', user: 'alice' })).path, '/audit/events');
  assert.ok((await events({ user: 'root' })).length > 0);
  const { state, dropped } = await (await call('GET', '/audit/status', admin)).json();
  assert.equal(state, 'ok');
  assert.deepEqual(dropped, {});

  // The files: the first line says where this process began, and nothing secret is in any.
  const [segment] = await readdir(directory);
  const text = await readFile(join(directory, segment), 'utf8');
  const first = JSON.parse(text.slice(0, text.indexOf('\n')));
  assert.equal(first.t, 'start');
  assert.equal(first.seq, 1);
  assert.match(text, /"transfer_completed"/);
  for (const secret of [IBAN, 'hunter2', 'wonderland', alice]) assert.ok(!text.includes(secret));
  return 'login, operation, denial, changes, skipped, redacted, asked again, in files';
}
