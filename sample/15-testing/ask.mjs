// What CI asks of this sample; its tests run with all the others.
import assert from 'node:assert/strict';

export async function ask(url, output) {
  const person = /PERSON=(\S+)/.exec(output)[1];
  const response = await fetch(`${url}/orders`, { headers: { authorization: `Bearer ${person}` } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('x-ratelimit-limit'), '3');
  return '200';
}
