// What CI asks of this sample: who may call which field, and that aliases are no way around a limit.
import assert from 'node:assert/strict';

export async function ask(url, output) {
  const [person, machine] = ['PERSON', 'MACHINE'].map((name) => new RegExp(`${name}=(\\S+)`).exec(output)[1]);
  const query = async (text, token) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: text }),
    });
    return response.json();
  };
  const codes = ({ errors }) => errors.map(({ extensions }) => extensions.code);

  assert.deepEqual(await query('{ me }', person), { data: { me: 'alice' } });
  assert.deepEqual(codes(await query('{ me }', machine)), ['human_only']);
  assert.deepEqual(codes(await query('{ me }')), ['unauthenticated']);
  assert.equal((await query('mutation { sync }', machine)).data.sync, 'synchronised by billing-service');
  assert.deepEqual(codes(await query('mutation { sync }', person)), ['m2m_only']);

  const guesses = ['a', 'b', 'c', 'd'].map((name) => `${name}: login(name: "${name}")`).join(' ');
  const guessed = await query(`mutation { ${guesses} }`);
  assert.deepEqual(codes(guessed), ['rate_limited']);
  assert.deepEqual(guessed.errors[0].path, ['d']);
  return 'people and machines by field, four aliases of login are four logins';
}
