// What CI asks of this sample: guesses on one name, guesses on many, guesses all at once, and people who mistype.
import assert from 'node:assert/strict';

export async function ask(url) {
  const login = (account, password, from) =>
    fetch(`${url}/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify({ account, password }),
    });
  const statuses = async (attempts) => {
    const found = [];
    for (const attempt of attempts) found.push((await login(...attempt)).status);
    return found;
  };
  const times = (count, attempt) => Array.from({ length: count }, (_, i) => attempt(i));

  // Whoever knows the password is never limited, and a success forgets the slips before it.
  assert.deepEqual(
    await statuses(times(8, () => ['alice', 'wonderland', '203.0.113.1'])),
    times(8, () => 200),
  );
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(
      await statuses(times(4, () => ['alice', 'slip', '203.0.113.1'])),
      times(4, () => 401),
    );
    assert.equal((await login('alice', 'wonderland', '203.0.113.1')).status, 200);
  }

  // Many machines, one name, however it is written: five guesses, and then not even the right one is told.
  const guesses = times(7, (i) => [i % 2 ? 'Alice' : ' alice ', `guess-${i}`, `198.51.100.${i}`]);
  assert.deepEqual(await statuses(guesses), [401, 401, 401, 401, 401, 429, 429]);
  const refused = await login('alice', 'wonderland', '198.51.100.99');
  assert.equal(refused.status, 429);
  assert.equal((await refused.json()).code, 'rate_limited');
  assert.ok(Number(refused.headers.get('retry-after')) > 800);
  assert.equal(refused.headers.get('ratelimit-policy'), '"login-account";q=5;w=900');

  // One machine, many names; what it writes before the proxy's entry makes it no other machine.
  const names = times(22, (i) => [`name-${i}`, 'x', `10.0.0.${i}, 203.0.113.66`]);
  assert.deepEqual(await statuses(names), [...times(20, () => 401), 429, 429]);

  // All at once: of one name one password is checked at a time.
  const together = await Promise.all(times(30, (i) => login('bob', `guess-${i}`, `192.0.2.${i}`)));
  const checked = together.filter(({ status }) => status === 401).length;
  assert.ok(checked >= 1 && checked <= 5, `${checked} guesses at once`);
  assert.equal(together.filter(({ status }) => status === 429).length, 30 - checked);
  return 'by account, by address, all at once, forgiven on success';
}
