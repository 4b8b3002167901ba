// The verifier without Nest: real tokens, a real issuer, our clock.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TokenVerifier, type JwtAuthOptions, type JwtIssuer, type RefusalCategory } from '../../src/jwt/index.js';
import { M2MTokenDetector } from '../../src/m2m/m2m-token-detector.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { TestIssuer } from '../../src/testing/test-issuer.js';
import { forge, hmac, testKey } from './forging.js';

const opened: { close(): void }[] = [];
const issuers: TestIssuer[] = [];
let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
});
afterEach(async () => {
  for (const verifier of opened.splice(0)) verifier.close();
  await Promise.all(issuers.splice(0).map((issuer) => issuer.stop()));
});

async function startIssuer(algorithm = 'ES256'): Promise<TestIssuer> {
  const issuer = await TestIssuer.start({ algorithm, now: clock.now });
  issuers.push(issuer);
  return issuer;
}

function verifierOf(first: JwtIssuer | readonly JwtIssuer[], options: Partial<JwtAuthOptions> = {}): TokenVerifier {
  const list = Array.isArray(first) ? (first as readonly JwtIssuer[]) : [first as JwtIssuer];
  const verifier = new TokenVerifier({ issuers: list, now: clock.now, ...options }, new M2MTokenDetector());
  opened.push(verifier);
  return verifier;
}

const trust = (issuer: TestIssuer, extra: Partial<JwtIssuer> = {}): JwtIssuer => ({
  issuer: issuer.issuer,
  audience: 'api',
  ...extra,
});

async function outcome(verifier: TokenVerifier, token: string): Promise<'accepted' | RefusalCategory> {
  const decision = await verifier.verify(token);
  return decision.accepted ? 'accepted' : decision.category;
}

describe('TokenVerifier', () => {
  it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'verifies %s, and refuses the same token with another signature',
    async (alg) => {
      const [issuer, other] = [await startIssuer(alg), await startIssuer(alg)];
      const verifier = verifierOf(trust(issuer, { algorithms: [alg] }));
      const token = await issuer.sign();
      expect(await outcome(verifier, token)).toBe('accepted');
      const foreign = (await other.sign()).split('.')[2]!;
      expect(await outcome(verifier, [...token.split('.').slice(0, 2), foreign].join('.'))).toBe('invalid_signature');
    },
  );

  it.each([
    ['HS256', 'sha256', 32],
    ['HS384', 'sha384', 48],
    ['HS512', 'sha512', 64],
  ])('verifies %s with a secret of text or of bytes', (alg, digest, length) => {
    const secret = 'ü'.repeat(length / 2);
    for (const given of [secret, Buffer.from(secret)]) {
      const verifier = verifierOf({ issuer: 'me', audience: null, secret: given, algorithms: [alg] });
      const payload = { iss: 'me', sub: 'a', exp: clock.now() / 1000 + 60 };
      const good = forge({ alg }, payload, hmac(secret, digest));
      const bad = forge({ alg }, payload, hmac(`${secret}!`, digest));
      expect(verifier.verify(good)).toMatchObject({ accepted: true });
      expect(verifier.verify(bad)).toMatchObject({ accepted: false, category: 'invalid_signature' });
    }
  });

  it('verifies Ed448, and Ed25519 under the name that RFC 9864 gives it', () => {
    const key = testKey('ed25519', 'a');
    const payload = { iss: 'me', sub: 'a', exp: clock.now() / 1000 + 60 };
    const verifier = verifierOf({ issuer: 'me', audience: null, jwks: { keys: [key.jwk] }, algorithms: ['Ed25519'] });
    expect(verifier.verify(forge({ alg: 'Ed25519', kid: 'a' }, payload, key.sign))).toMatchObject({ accepted: true });
    expect(verifier.verify(forge({ alg: 'EdDSA', kid: 'a' }, payload, key.sign))).toMatchObject({
      category: 'algorithm',
    });
  });

  it('answers at once when the key is at hand, so that the guard returns a boolean and no promise', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer));
    expect(verifier.verify(await issuer.human())).toBeInstanceOf(Promise);
    await verifier.verify(await issuer.human());
    const [fresh, machine] = [await issuer.human(), await issuer.m2m()];
    expect(verifier.verify(fresh)).toMatchObject({ accepted: true, user: { kind: 'human' } });
    expect(verifier.verify(fresh)).toBe(verifier.verify(fresh));
    expect(verifier.verify(machine)).toMatchObject({ accepted: true, user: { kind: 'm2m' } });
  });

  it('names the caller: a person, a machine with a subject, a machine without one', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer));
    const person = await verifier.verify(
      await issuer.human('keycloak', { sub: 'p-1', name: 'Anna', email: 'anna@example.com', scope: 'openid a b' }),
    );
    expect(person).toMatchObject({
      user: { id: 'p-1', name: 'Anna', email: 'anna@example.com', kind: 'human', isM2M: false, clientId: 'test-app' },
    });
    expect(person.accepted && person.user.scopes).toEqual(['openid', 'a', 'b']);
    const machine = await verifier.verify(await issuer.m2m('rfc9068', { scope: 'read write' }));
    expect(machine).toMatchObject({
      user: { id: 'test-service', kind: 'm2m', isM2M: true, clientId: 'test-service', scopes: ['read', 'write'] },
    });
    const nameless = await verifier.verify(await issuer.m2m('duende'));
    expect(nameless).toMatchObject({ user: { id: 'test-service', isM2M: true, clientId: 'test-service' } });
    expect(nameless.accepted && Object.keys(nameless.user)).not.toContain('email');
  });

  it('hands out a plain frozen object all the way down, which no handler can change for the next request', async () => {
    const issuer = await startIssuer();
    const decision = await verifierOf(trust(issuer)).verify(await issuer.sign({ realm: { roles: ['a'] } }));
    if (!decision.accepted) throw new Error(decision.category);
    const { user } = decision;
    expect(Object.getPrototypeOf(user.claims)).toBe(Object.prototype);
    const realm = user.claims['realm'] as { roles: string[] };
    for (const part of [user, user.scopes, user.claims, realm, realm.roles]) expect(Object.isFrozen(part)).toBe(true);
    expect(() => realm.roles.push('admin')).toThrow(TypeError);
  });

  it('chooses among several issuers by the exact iss, each with its own keys, algorithms and audience', async () => {
    const [a, b] = [await startIssuer('ES256'), await startIssuer('RS256')];
    const verifier = verifierOf([trust(a), trust(b, { audience: 'other', algorithms: ['RS256'] })]);
    expect(await outcome(verifier, await a.sign())).toBe('accepted');
    expect(await outcome(verifier, await b.sign({ aud: 'other' }))).toBe('accepted');
    expect(await outcome(verifier, await b.sign())).toBe('audience');
    expect(await outcome(verifier, await a.sign({ iss: b.issuer }))).toBe('algorithm');
    expect(await outcome(verifier, await b.sign({ iss: a.issuer, aud: 'api' }))).toBe('key');
    expect(await outcome(verifier, await a.sign({ iss: `${a.issuer}/` }))).toBe('issuer');
  });

  it.each<[readonly string[] | undefined, string | undefined, boolean]>([
    [undefined, undefined, true],
    [undefined, 'JWT', true],
    [undefined, 'jwt', true],
    [undefined, 'at+jwt', true],
    [undefined, 'application/AT+JWT', true],
    [undefined, 'JOSE', true],
    [undefined, 'logout+jwt', false],
    [undefined, 'dpop+jwt', false],
    [undefined, 'secevent+jwt', false],
    [undefined, '', false],
    [['at+jwt'], 'at+jwt', true],
    [['at+jwt'], 'application/at+jwt', true],
    [['application/at+jwt'], 'at+JWT', true],
    [['at+jwt'], 'JWT', false],
    [['at+jwt'], undefined, false],
    [['at+jwt'], 'at+jwt ', false],
  ])('with typ %p takes a token of type %p: %p', async (typ, given, accepted) => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer, { typ }));
    expect(await outcome(verifier, await issuer.sign({}, { typ: given }))).toBe(accepted ? 'accepted' : 'type');
  });

  it('refuses a token longer than maxTokenBytes before it decodes anything', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer), { maxTokenBytes: 1000 });
    expect(await outcome(verifier, await issuer.sign({ padding: 'x'.repeat(700) }))).toBe('too_large');
    expect(await outcome(verifier, '.'.repeat(1001))).toBe('too_large');
    expect(await outcome(verifier, '.'.repeat(1000))).toBe('malformed');
    expect(issuer.requestCount()).toBe(0);
  });

  it('never throws, whatever it is given', () => {
    const verifier = verifierOf({ issuer: 'me', audience: null, jwks: { keys: [testKey('ec', 'a').jwk] } });
    for (const token of [
      undefined,
      null,
      7,
      {},
      [],
      Symbol('x'),
      '',
      '.',
      '..',
      'a.b.c',
      '\0\0',
      'é.é.é',
      '💥.💥.💥',
    ]) {
      expect(verifier.verify(token as string)).toEqual({ accepted: false, category: 'malformed' });
    }
  });
});

describe('the cache of verified tokens', () => {
  it('asks for the time on every hit: what is accepted now expires on time', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer, { keys: { refreshSeconds: 86_400 } }));
    const token = await issuer.human();
    expect(await outcome(verifier, token)).toBe('accepted');
    clock.advance(3_599_999);
    expect(await outcome(verifier, token)).toBe('accepted');
    clock.advance(1);
    expect(await outcome(verifier, token)).toBe('expired_token');
  });

  it('asks for maxAgeSeconds on every hit too', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer, { maxAgeSeconds: 60 }));
    const token = await issuer.human();
    expect(await outcome(verifier, token)).toBe('accepted');
    clock.advance(59_999);
    expect(await outcome(verifier, token)).toBe('accepted');
    clock.advance(1);
    expect(await outcome(verifier, token)).toBe('expired_token');
  });

  it('is no way around a clock that is set back: what is not active yet is refused, and accepted again later', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer));
    const token = await issuer.human();
    expect(await outcome(verifier, token)).toBe('accepted');
    clock.advance(-3_600_000);
    expect(await outcome(verifier, token)).toBe('not_active');
    clock.advance(3_600_000);
    expect(await outcome(verifier, token)).toBe('accepted');
  });

  it('forgets what was verified with a key that its issuer has withdrawn', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer, { keys: { refreshSeconds: 100, backgroundAt: 1 } }));
    const token = await issuer.human();
    expect(await outcome(verifier, token)).toBe('accepted');
    await issuer.rotateKeys();
    expect(await outcome(verifier, token)).toBe('accepted');
    clock.advance(100_000);
    expect(await outcome(verifier, token)).toBe('key');
    expect(await outcome(verifier, await issuer.human())).toBe('accepted');
  });

  it('forgets it at once when a token with a new key brings the new set in', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer));
    const token = await issuer.human();
    expect(await outcome(verifier, token)).toBe('accepted');
    await issuer.rotateKeys();
    expect(await outcome(verifier, await issuer.human())).toBe('accepted');
    expect(await outcome(verifier, token)).toBe('key');
  });

  it('keeps what was verified with a key that stays in the set', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer));
    const token = await issuer.human();
    const before = await verifier.verify(token);
    await issuer.rotateKeys({ keepPrevious: true });
    expect(await outcome(verifier, await issuer.human())).toBe('accepted');
    expect(verifier.verify(token)).toBe(before);
  });

  it('counts for nothing once the keys are too old to be believed', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer, { keys: { refreshSeconds: 100, staleSeconds: 100 } }));
    const token = await issuer.human();
    expect(await outcome(verifier, token)).toBe('accepted');
    issuer.outage();
    clock.advance(150_000);
    expect(await outcome(verifier, token)).toBe('accepted');
    clock.advance(50_000);
    expect(await outcome(verifier, token)).toBe('keys_unavailable');
  });

  it('remembers no failure: a token refused today passes when its key is there', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer));
    const key = testKey('ec', 'late');
    await verifier.verify(await issuer.human());
    const payload = { iss: issuer.issuer, aud: 'api', sub: 'a', exp: clock.now() / 1000 + 3600 };
    const token = forge({ alg: 'ES256', kid: 'late' }, payload, key.sign);
    expect(await outcome(verifier, token)).toBe('key');
    issuer.publishKeys([issuer.jwk, key.jwk]);
    clock.advance(30_000);
    expect(await outcome(verifier, token)).toBe('accepted');
  });

  it('takes a token for another one at no difference, be it the last character', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer));
    const token = await issuer.human();
    expect(await outcome(verifier, token)).toBe('accepted');
    for (let index = 0; index < token.length; index += 7) {
      const other = token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1);
      expect(await outcome(verifier, other)).not.toBe('accepted');
    }
  });

  it('can be switched off', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer), { cache: false });
    const token = await issuer.human();
    const first = await verifier.verify(token);
    const second = verifier.verify(token);
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
  });

  it('counts hits as uses of the keys, so that a set refreshed by use is refreshed under cached tokens too', async () => {
    const issuer = await startIssuer();
    const keys = { strategy: 'usage', refreshUses: 10, backgroundAt: 1 } as const;
    const verifier = verifierOf(trust(issuer, { keys }));
    const token = await issuer.human();
    for (let use = 0; use < 12; use++) expect(await outcome(verifier, token)).toBe('accepted');
    expect(issuer.requestCount('/jwks')).toBe(2);
  });
});

describe('clocks', () => {
  it('a tolerance widens exp, nbf and iat, and no more than that', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer), { clockToleranceSeconds: 5 });
    const second = clock.now() / 1000;
    expect(await outcome(verifier, await issuer.sign({ exp: second - 4 }))).toBe('accepted');
    expect(await outcome(verifier, await issuer.sign({ exp: second - 5 }))).toBe('expired_token');
    expect(await outcome(verifier, await issuer.sign({ nbf: second + 5 }))).toBe('accepted');
    expect(await outcome(verifier, await issuer.sign({ nbf: second + 6 }))).toBe('not_active');
    expect(await outcome(verifier, await issuer.sign({ iat: second + 5 }))).toBe('accepted');
    expect(await outcome(verifier, await issuer.sign({ iat: second + 6 }))).toBe('not_active');
  });

  it('a wall clock that jumps a year ahead and back refuses and accepts, and asks the issuer no more than once more', async () => {
    const issuer = await startIssuer();
    const verifier = verifierOf(trust(issuer));
    const token = await issuer.human();
    expect(await outcome(verifier, token)).toBe('accepted');
    clock.advance(31_536_000_000);
    expect(await outcome(verifier, token)).toBe('expired_token');
    clock.advance(-31_536_000_000);
    expect(await outcome(verifier, token)).toBe('accepted');
    expect(issuer.requestCount('/jwks')).toBeLessThanOrEqual(2);
  });
});
