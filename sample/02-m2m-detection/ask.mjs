// What CI asks of this sample: each kind of caller at each kind of endpoint, and what the tokens tell.
import assert from 'node:assert/strict';

export async function ask(url, output) {
  const printed = (name) => new RegExp(`${name}=(\\S+)`).exec(output)[1];
  const [person, billing, reports, unclear] = ['PERSON', 'BILLING', 'REPORTS', 'UNCLEAR'].map(printed);
  const call = (method, path, token) =>
    fetch(url + path, { method, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  const json = async (path, token) => (await call('GET', path, token)).json();
  const refused = async (method, path, token, code) => {
    const response = await call(method, path, token);
    assert.equal(response.status, 403, `${method} ${path}`);
    assert.equal((await response.json()).code, code);
  };

  const own = await json('/orders', person);
  assert.equal(own.kind, 'human');
  assert.deepEqual(
    own.orders.map(({ id }) => id),
    [1, 3],
  );
  const all = await json('/orders', billing);
  assert.equal(all.kind, 'm2m');
  assert.equal(all.orders.length, 3);
  assert.deepEqual(await json('/orders', unclear), { kind: 'unknown', orders: [] });
  assert.equal((await call('GET', '/orders')).status, 401);

  assert.deepEqual(await json('/profile', person), { profileOf: 'alice' });
  await refused('GET', '/profile', billing, 'human_only');
  await refused('GET', '/profile', unclear, 'human_only');

  for (const machine of [billing, reports]) assert.equal((await call('POST', '/orders/sync', machine)).status, 201);
  await refused('POST', '/orders/sync', person, 'm2m_only');
  await refused('POST', '/orders/sync', unclear, 'm2m_only');

  const invoiced = await call('POST', '/invoices', billing);
  assert.equal(invoiced.status, 201);
  assert.deepEqual(await invoiced.json(), { invoiced: 3, by: 'billing-service' });
  await refused('POST', '/invoices', reports, 'm2m_only');

  assert.deepEqual(await json('/token', billing), {
    metadata: {
      isM2M: true,
      kind: 'm2m',
      tokenUse: 'access',
      clientId: 'billing-service',
      scopes: ['api/read', 'api/write'],
      hasUserContext: false,
      subject: 'billing-service',
      serviceAccount: 'billing-service',
      username: null,
      email: null,
    },
    requiresUserContext: false,
  });
  const { metadata, requiresUserContext } = await json('/token', person);
  assert.equal(metadata.hasUserContext, true);
  assert.equal(metadata.username, 'alice');
  assert.equal(requiresUserContext, true);
  assert.equal((await json('/token', unclear)).requiresUserContext, true);

  const explanation = await call('GET', '/token/explanation', billing);
  assert.match(explanation.headers.get('content-type'), /^text\/plain/);
  assert.match(await explanation.text(), /a machine[^]*preset "cognito"[^]*@HumanOnly\(\) refuses it/);
  return 'both kinds, people only, machines only, this machine only, the unclear at neither, token info';
}
