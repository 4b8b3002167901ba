import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { KeyTable, readKeySet } from '../../src/jwt/key-table.js';
import { importJwk } from '../../src/jwt/verification-key.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'a' };
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });

const algorithmsOf = (key: object) => [...(importJwk(key)?.algorithms ?? [])];

describe('importJwk', () => {
  it('serves what the type and curve of the key can do, and only the named algorithm where one is named', () => {
    expect(algorithmsOf(jwk)).toEqual(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']);
    expect(algorithmsOf({ ...jwk, alg: 'PS256' })).toEqual(['PS256']);
    expect(algorithmsOf(ec('P-256'))).toEqual(['ES256']);
    expect(algorithmsOf(ec('P-384'))).toEqual(['ES384']);
    expect(algorithmsOf(ec('P-521'))).toEqual(['ES512']);
    expect(algorithmsOf(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }))).toEqual([
      'EdDSA',
      'Ed25519',
    ]);
    expect(algorithmsOf(generateKeyPairSync('ed448').publicKey.export({ format: 'jwk' }))).toEqual(['EdDSA']);
  });

  it.each([
    ['a symmetric key, which everybody who reads the set would know', { kty: 'oct', k: 'AAAA', kid: 'a' }],
    ['a key for encryption', { ...jwk, use: 'enc' }],
    ['a key with another use', { ...jwk, use: 'SIG' }],
    ['a key that may not verify', { ...jwk, key_ops: ['encrypt'] }],
    ['key_ops that are no list', { ...jwk, key_ops: 'verify' }],
    ['an algorithm for encryption', { ...jwk, alg: 'RSA-OAEP' }],
    ['an algorithm of another type', { ...jwk, alg: 'ES256' }],
    ['the algorithm none', { ...jwk, alg: 'none' }],
    ['HS256 on a public key', { ...jwk, alg: 'HS256' }],
    ['a kid that is no text', { ...jwk, kid: 7 }],
    ['a curve nobody signs with', ec('secp256k1')],
    ['a key to agree on keys with', generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })],
    ['RSA of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })],
    ['an RSA exponent of 1, with which every message is its own signature', { ...jwk, e: 'AQ' }],
    ['broken numbers', { ...jwk, n: '!!' }],
    ['no numbers', { kty: 'RSA', kid: 'a' }],
    ['a point that is not on its curve', { ...ec('P-256'), x: randomBytes(32).toString('base64url') }],
    ['a type that every object inherits', { ...jwk, kty: 'constructor' }],
    ['no object', 'key'],
    ['nothing', null],
  ])('ignores %s', (_what, key) => {
    expect(importJwk(key)).toBeUndefined();
  });

  it('does not look at the private members that an issuer publishes by mistake', () => {
    const key = importJwk({ ...rsa.privateKey.export({ format: 'jwk' }), kid: 'a' });
    expect(key?.object.type).toBe('public');
    expect(createSecretKey(Buffer.alloc(32)).type).toBe('secret');
  });
});

describe('KeyTable', () => {
  it('keeps a key that both sets name the same object, and marks the one that is gone', () => {
    const other = { ...ec('P-256'), kid: 'b' };
    const first = readKeySet({ keys: [jwk, other] })!;
    const [kept, gone] = [first.find('a', 'RS256')!, first.find('b', 'ES256')!];
    const second = readKeySet({ keys: [{ ...jwk }] }, first)!;
    expect(second.find('a', 'RS256')).toBe(kept);
    expect(second.find('b', 'ES256')).toBeUndefined();
    expect([kept.withdrawn, gone.withdrawn]).toEqual([false, true]);
  });

  it('tells another key of the same kid apart, so that a rotation in place is noticed', () => {
    const first = readKeySet({ keys: [{ ...ec('P-256'), kid: 'a' }] })!;
    const old = first.find('a', 'ES256')!;
    const second = readKeySet({ keys: [{ ...ec('P-256'), kid: 'a' }] }, first)!;
    expect(second.find('a', 'ES256')).not.toBe(old);
    expect(old.withdrawn).toBe(true);
  });

  it('takes the first of two keys of one kid and algorithm: no key is tried after another', () => {
    const [first, second] = [ec('P-256'), ec('P-256')].map((key) => ({ ...key, kid: 'a' }));
    const set = readKeySet({ keys: [first, second] })!;
    expect(set.size).toBe(2);
    expect(set.find('a', 'ES256')!.id).toContain(first!.x);
  });

  it('finds a key without kid only if it is the only one of its algorithm: no key is tried by chance', () => {
    const set = readKeySet({ keys: [jwk, { ...ec('P-256'), kid: 'b' }, { ...ec('P-256'), kid: 'c' }] })!;
    expect(set.find(undefined, 'RS256')?.kid).toBe('a');
    expect(set.find(undefined, 'ES256')).toBeUndefined();
  });

  it.each(['__proto__', 'constructor', 'toString', ''])('has no key of the name %p', (kid) => {
    expect(readKeySet({ keys: [jwk] })!.find(kid, 'RS256')).toBeUndefined();
  });

  it('skips what is no key, and refuses what is no set', () => {
    expect(readKeySet({ keys: [null, 1, 'x', [], {}, jwk] })?.size).toBe(1);
    for (const none of [null, [], 'keys', {}, { keys: {} }, { keys: 'x' }]) expect(readKeySet(none)).toBeUndefined();
  });

  it('imports a bounded number of keys, whatever is published', () => {
    expect(new KeyTable(Array.from({ length: 1000 }, (_, index) => ({ ...jwk, kid: `k${index}` }))).size).toBe(256);
  });
});
