import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { JwtAuthModule, TokenVerifier, type JwtAuthOptions } from '../../src/jwt/index.js';
import { checkJwtOptions } from '../../src/jwt/check-jwt-options.js';
import { keyRefreshing } from '../../src/jwt/key-refreshing.js';
import { testKey } from './forging.js';

const issuer = 'https://id.example.com';
const audience = 'api';
const jwks = { keys: [testKey('ec', 'a').jwk] };
const secret = randomBytes(64);
const one = (extra: object): JwtAuthOptions => ({ issuers: [{ issuer, audience, ...extra }] });

describe('the options of /jwt', () => {
  it.each<[string, unknown, RegExp]>([
    ['no options', undefined, /The options of JwtAuthModule must be an object/],
    ['no issuers', {}, /issuers must be an array/],
    ['an empty list of issuers', { issuers: [] }, /issuers must be an array of at least one issuer/],
    ['one issuer and no list', { issuers: { issuer, audience } }, /issuers must be an array/],
    ['an issuer without its name', { issuers: [{ audience, jwks }] }, /issuers\[0\]\.issuer must be the exact iss/],
    ['an empty issuer', one({ issuer: ' ', jwks }), /issuers\[0\]\.issuer/],
    ['an issuer that is no text', one({ issuer: 7 }), /issuers\[0\]\.issuer/],
    ['an issuer over plain http', one({ issuer: 'http://id.example.com' }), /https URL/],
    ['an issuer that only sounds like this machine', one({ issuer: 'http://localhost.example.com' }), /https URL/],
    ['an issuer with a query', one({ issuer: `${issuer}/?a=b` }), /https URL/],
    ['an issuer that is no URL, and no keys', one({ issuer: 'accounts' }), /discovered/],
    [
      'the same issuer twice',
      {
        issuers: [
          { issuer, audience, jwks },
          { issuer, audience, jwks },
        ],
      },
      /there twice/,
    ],
    ['no audience', one({ audience: undefined, jwks }), /audience must be .* say null/],
    ['an empty audience', one({ audience: '', jwks }), /audience/],
    ['an empty list of audiences', one({ audience: [], jwks }), /audience/],
    ['a list of audiences with a hole', one({ audience: ['api', undefined], jwks }), /audience/],
    ['a key set over plain http', one({ jwksUri: 'http://id.example.com/jwks' }), /jwksUri must be an https URL/],
    ['a key set from a file', one({ jwksUri: 'file:///etc/jwks.json' }), /jwksUri/],
    ['a key set with a password in its URL', one({ jwksUri: 'https://a:b@id.example.com/jwks' }), /jwksUri/],
    ['two sources of keys', one({ jwks, jwksUri: 'https://id.example.com/jwks' }), /jwksUri and jwks/],
    ['a secret and a key set', one({ jwks, secret, algorithms: ['HS256'] }), /jwks and secret/],
    ['a key set without keys', one({ jwks: { keys: [] } }), /jwks has no key/],
    ['a key set of secrets', one({ jwks: { keys: [{ kty: 'oct', k: 'AA' }] } }), /jwks has no key/],
    ['something else for a key set', one({ jwks: [jwks.keys[0]] }), /jwks has no key/],
    [
      'HS together with a key set',
      one({ jwks, algorithms: ['ES256', 'HS256'] }),
      /HS256 needs a secret and no key set/,
    ],
    ['HS together with discovery', one({ algorithms: ['HS256'] }), /HS256 needs a secret/],
    ['a secret without algorithms', one({ secret }), /algorithms must be named/],
    ['a secret with RS256', one({ secret, algorithms: ['RS256'] }), /RS256 needs a key set and no secret/],
    ['the algorithm none', one({ jwks, algorithms: ['none'] }), /algorithms must be names of RS256/],
    ['none in capitals', one({ jwks, algorithms: ['RS256', 'NONE'] }), /algorithms/],
    ['an algorithm in lower case', one({ jwks, algorithms: ['rs256'] }), /algorithms/],
    ['an algorithm that every object inherits', one({ jwks, algorithms: ['constructor'] }), /algorithms/],
    ['no algorithms at all', one({ jwks, algorithms: [] }), /algorithms/],
    ['a secret of 31 bytes for HS256', one({ secret: 's'.repeat(31), algorithms: ['HS256'] }), /at least 32 bytes/],
    ['a secret of 47 bytes for HS384', one({ secret: 's'.repeat(47), algorithms: ['HS384'] }), /at least 48 bytes/],
    [
      'a secret of 63 bytes for one of two',
      one({ secret: 's'.repeat(63), algorithms: ['HS256', 'HS512'] }),
      /64 bytes/,
    ],
    [
      'a secret of another type',
      one({ secret: 12345678, algorithms: ['HS256'] }),
      /secret must be a string or a Buffer/,
    ],
    ['a tolerance above five minutes', { ...one({ jwks }), clockToleranceSeconds: 301 }, /clockToleranceSeconds/],
    ['a negative tolerance', { ...one({ jwks }), clockToleranceSeconds: -1 }, /clockToleranceSeconds/],
    ['a tolerance that is a text', { ...one({ jwks }), clockToleranceSeconds: '5' }, /Number\(\)/],
    ['a tolerance that is no number', { ...one({ jwks }), clockToleranceSeconds: Number.NaN }, /clockTolerance/],
    ['a token size of nothing', { ...one({ jwks }), maxTokenBytes: 0 }, /maxTokenBytes/],
    ['a cache that is true', { ...one({ jwks }), cache: true }, /cache must be false or an object/],
    ['a cache of no tokens', { ...one({ jwks }), cache: { maxTokens: 0 } }, /cache\.maxTokens/],
    ['another status', { ...one({ jwks }), onUnavailable: 500 }, /onUnavailable/],
    ['an unknown key', { ...one({ jwks }), clockToleranceSecond: 5 }, /Did you mean "clockToleranceSeconds"/],
    ['an unknown key of an issuer', one({ jwks, audiences: ['a'] }), /Did you mean "audience"/],
    ['a largest age of nothing', one({ jwks, maxAgeSeconds: 0 }), /maxAgeSeconds/],
    ['no types', one({ jwks, typ: [] }), /typ/],
    ['keys to refresh that are never fetched', one({ jwks, keys: { staleSeconds: 1 } }), /keys says when to fetch/],
    ['an unknown strategy', one({ keys: { strategy: 'often' } }), /strategy/],
    ['a refresh after no time', one({ keys: { refreshSeconds: 0 } }), /refreshSeconds/],
    ['a background after the end', one({ keys: { backgroundAt: 1.5 } }), /backgroundAt/],
  ])('refuses %s at start', (_what, options, message) => {
    expect(() => checkJwtOptions(options)).toThrow(message);
    expect(() => checkJwtOptions(options)).toThrow(
      expect.objectContaining({ name: 'OptionsError', code: expect.stringMatching(/^ERR_AUTH_SERVICES_/) }),
    );
  });

  it('shows no secret in the message about it', () => {
    for (const value of ['my-own-secret', Buffer.from('my-own-secret')]) {
      const message = (() => {
        try {
          checkJwtOptions(one({ secret: value, algorithms: ['HS256'] }));
        } catch (error) {
          return (error as Error).message;
        }
        return '';
      })();
      expect(message).toMatch(/at least 32 bytes/);
      expect(message).not.toContain('my-own-secret');
    }
  });

  it.each<[string, object]>([
    ['discovery', {}],
    ['discovery on this machine', { issuer: 'http://127.0.0.1:8080/realms/a' }],
    ['an audience that is null on purpose', { audience: null }],
    ['a key set elsewhere', { issuer: 'accounts', jwksUri: 'https://keys.example.com/set' }],
    ['a key set on this machine', { jwksUri: 'http://[::1]:8080/set' }],
    ['a key set given', { issuer: 'anything', jwks }],
    ['a secret', { issuer: 'anything', secret, algorithms: ['HS256', 'HS384', 'HS512'] }],
    ['every algorithm of key sets', { algorithms: ['RS512', 'PS384', 'ES512', 'EdDSA', 'Ed25519'] }],
  ])('takes %s', (_what, extra) => {
    expect(() => checkJwtOptions(one(extra))).not.toThrow();
  });

  it('refuses them from forRoot, from a factory and with new alike, at start and not at the first request', async () => {
    const bad = one({ audience: undefined });
    const modules = [JwtAuthModule.forRoot(bad), JwtAuthModule.forRootAsync({ useFactory: () => bad })];
    for (const module of modules) {
      await expect(Test.createTestingModule({ imports: [module] }).compile()).rejects.toThrow(/audience/);
    }
    const classifier = { classify: () => ({ kind: 'unknown' as const, clientId: null, subject: null, scopes: [] }) };
    expect(() => new TokenVerifier(bad, classifier)).toThrow(/audience/);
  });

  it('says where isGlobal belongs when a factory returns it, because there it would be too late', async () => {
    const module = JwtAuthModule.forRootAsync({ useFactory: () => ({ ...one({ jwks }), isGlobal: true }) });
    await expect(Test.createTestingModule({ imports: [module] }).compile()).rejects.toThrow(/beside useFactory/);
  });
});

describe('the strategies by which a key set gets old', () => {
  const INFINITE = Number.POSITIVE_INFINITY;

  it.each([
    ['nothing said', {}, { refreshMs: 600_000, backgroundMs: 480_000, refreshUses: INFINITE, staleMs: 3_600_000 }],
    ['uses only', { refreshUses: 10 }, { refreshMs: INFINITE, refreshUses: 10, backgroundUses: 8 }],
    ['both numbers', { refreshSeconds: 5, refreshUses: 10 }, { refreshMs: 5000, refreshUses: 10 }],
    ['time', { strategy: 'time' as const, refreshUses: 10 }, { refreshMs: 600_000, refreshUses: INFINITE }],
    ['usage', { strategy: 'usage' as const }, { refreshMs: INFINITE, refreshUses: 1000, backgroundUses: 800 }],
    ['both', { strategy: 'both' as const }, { refreshMs: 600_000, refreshUses: 1000 }],
    ['no background', { backgroundAt: 1, refreshSeconds: 5 }, { refreshMs: 5000, backgroundMs: 5000 }],
  ])('%s', (_what, options, expected) => {
    expect(keyRefreshing(options)).toMatchObject(expected);
  });
});
