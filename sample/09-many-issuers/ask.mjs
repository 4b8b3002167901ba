// What CI asks of this sample: people and machines of three issuers, and what no issuer may do for another one.
import assert from 'node:assert/strict';

export async function ask(url, output) {
  const token = (name) => new RegExp(`${name}=(\\S+)`).exec(output)[1];
  const call = (method, path, name) =>
    fetch(url + path, { method, headers: { authorization: `Bearer ${token(name)}` } });
  const me = async (name) => (await call('GET', '/me', name)).json();
  const status = async (method, path, name) => (await call(method, path, name)).status;

  assert.deepEqual(await me('COGNITO_PERSON'), {
    kind: 'human',
    userId: 'cognito:alice',
    clientId: 'cognito:shop-app',
  });
  assert.deepEqual(await me('COGNITO_MACHINE'), { kind: 'm2m', clientId: 'cognito:billing' });
  assert.deepEqual(await me('KEYCLOAK_PERSON'), {
    kind: 'human',
    userId: 'keycloak:alice',
    clientId: 'keycloak:test-app',
  });
  assert.deepEqual(await me('KEYCLOAK_MACHINE'), { kind: 'm2m', clientId: 'keycloak:billing' });
  assert.deepEqual(await me('KEYCLOAK_LEGACY'), { kind: 'm2m', clientId: 'keycloak:importer' });
  assert.deepEqual(await me('AUTH0_PERSON'), {
    kind: 'human',
    userId: 'auth0:auth0|alice',
    clientId: 'auth0:test-app',
  });
  assert.deepEqual(await me('AUTH0_MACHINE'), { kind: 'm2m', clientId: 'auth0:billing' });

  for (const issuer of ['COGNITO', 'KEYCLOAK', 'AUTH0']) {
    assert.equal(await status('GET', '/profile', `${issuer}_PERSON`), 200);
    assert.equal(await status('GET', '/profile', `${issuer}_MACHINE`), 403);
    assert.equal(await status('POST', '/sync', `${issuer}_MACHINE`), 201);
    assert.equal(await status('POST', '/sync', `${issuer}_PERSON`), 403);
  }
  assert.equal(await status('POST', '/invoices', 'COGNITO_MACHINE'), 201);
  assert.equal(await status('POST', '/invoices', 'KEYCLOAK_MACHINE'), 403);
  assert.equal(await status('POST', '/invoices', 'AUTH0_MACHINE'), 403);

  for (const name of ['BORROWED', 'ELSEWHERE']) {
    const refused = await call('GET', '/me', name);
    assert.equal(refused.status, 401, name);
    assert.equal((await refused.json()).code, 'unauthenticated');
  }

  // Two people called alice, each with a limit of their own.
  const statuses = [];
  for (const name of ['COGNITO_PERSON', 'KEYCLOAK_PERSON', 'COGNITO_PERSON', 'KEYCLOAK_PERSON', 'COGNITO_PERSON']) {
    statuses.push(await status('GET', '/report', name));
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 429]);
  return 'three issuers, people and machines told apart, one machine of one issuer, 401 for borrowed names, limits apart';
}
