// Real: the reading of scopes and clients. Nothing is faked.
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { clientIdOf } from '../../src/m2m/client-id.js';
import { scopesOf } from '../../src/m2m/scopes.js';

describe('the scopes', () => {
  it.each<[string, object, readonly string[]]>([
    ['a string is split at spaces', { scope: 'a b' }, ['a', 'b']],
    ['never at commas', { scope: 'a,b c' }, ['a,b', 'c']],
    ['several spaces are one', { scope: '  a   b ' }, ['a', 'b']],
    ['items of a list are kept whole', { scope: ['a b', 'c'] }, ['a b', 'c']],
    ['what is no text is left out', { scp: ['a', 7, null, {}, ['x'], '', ' ', 'b'] }, ['a', 'b']],
    ['all three claims count, each scope once', { scope: 'a b', scp: ['b', 'c'], scopes: 'c d' }, ['a', 'b', 'c', 'd']],
    ['roles and permissions are none', { roles: ['a'], permissions: ['b'], realm_access: { roles: ['c'] } }, []],
    ['nor is an object', { scope: { a: true } }, []],
  ])('%s', (_what, claims, scopes) => {
    expect(scopesOf(claims as Record<string, unknown>)).toEqual(scopes);
  });

  it('are the union of the three claims, however many there are', () => {
    const names = fc.array(fc.stringMatching(/^[a-z]{1,2}$/), { maxLength: 60 });
    fc.assert(
      fc.property(names, names, names, (scope, scp, scopes) => {
        const found = scopesOf({ scope: scope.join(' '), scp, scopes: scopes.join(' ') });
        expect(found).toEqual([...new Set([...scope, ...scp, ...scopes])]);
      }),
    );
  });
});

describe('the client', () => {
  it.each<[string, object, string | undefined]>([
    ['client_id goes before azp', { azp: 'b', client_id: 'a' }, 'a'],
    ['azp before appid before cid before clientId', { clientId: 'e', cid: 'd', appid: 'c', azp: 'b' }, 'b'],
    ['what is blank is passed over', { client_id: ' ', azp: '', cid: 'd' }, 'd'],
    ['what is no text is passed over', { client_id: ['a'], azp: { a: 1 }, appid: 7 }, undefined],
    ["an origin is a page's, not a client", { azp: 'https://app.example.com' }, undefined],
    ['with a port, too', { azp: 'http://localhost:3000' }, undefined],
    [
      'a URL with a path may be a client',
      { client_id: 'https://app.example.com/client.json' },
      'https://app.example.com/client.json',
    ],
    ['a name that begins like a URL is a client', { client_id: 'https' }, 'https'],
  ])('%s', (_what, claims, client) => {
    expect(clientIdOf(claims as Record<string, unknown>)).toBe(client);
  });
});
