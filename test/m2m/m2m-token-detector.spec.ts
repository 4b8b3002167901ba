// Real: the detector with its options. Nothing is faked.
import { describe, expect, it, jest } from '@jest/globals';
import { M2MTokenDetector } from '../../src/m2m/m2m-token-detector.js';
import type { M2MOptions } from '../../src/m2m/m2m.options.js';
import type { TokenKind } from '../../src/m2m/token-verdict.js';

const kindOf = (claims: unknown, options?: M2MOptions): TokenKind =>
  new M2MTokenDetector(options).classify(claims).kind;

const SERVICE = { token_use: 'access', client_id: 'service-account-123', scope: 'api/read api/write' };

describe("the original's cases under the cognito preset", () => {
  const detector = new M2MTokenDetector({ provider: 'cognito' });

  it('know a service account by its access token, client and scopes', () => {
    expect(detector.classify(SERVICE)).toEqual({
      kind: 'm2m',
      confidence: 'stated',
      reasons: ['cognito/client-without-user: an app client without a user name, an e-mail or a name'],
      clientId: 'service-account-123',
      subject: null,
      scopes: ['api/read', 'api/write'],
      actor: null,
      provider: 'cognito',
    });
    expect(detector.getTokenMetadata(SERVICE)).toEqual({
      isM2M: true,
      kind: 'm2m',
      tokenUse: 'access',
      clientId: 'service-account-123',
      scopes: ['api/read', 'api/write'],
      hasUserContext: false,
      subject: null,
      serviceAccount: 'service-account-123',
      username: null,
      email: null,
    });
    expect(detector.requiresUserContext(SERVICE)).toBe(false);
    expect(detector.getClientId(SERVICE)).toBe('service-account-123');
  });

  it.each<[string, object, TokenKind]>([
    ['no token_use stated', { client_id: 'c', scope: 'api/read' }, 'm2m'],
    ['an id token', { token_use: 'id', client_id: 'c', sub: 'c' }, 'human'],
    ['a user name', { token_use: 'access', client_id: 'c', username: 'anna' }, 'human'],
    ["an ID token's user name", { token_use: 'id', 'cognito:username': 'anna', aud: 'c' }, 'human'],
    ['an e-mail', { token_use: 'access', client_id: 'c', email: 'anna@example.com' }, 'human'],
    ['no client', { token_use: 'access', scope: 'api/read' }, 'unknown'],
    ['another token use', { token_use: 'refresh', client_id: 'c' }, 'unknown'],
    ['a scope of a signed-in user', { client_id: 'c', sub: 's', scope: 'aws.cognito.signin.user.admin' }, 'human'],
  ])('%s', (_what, claims, kind) => {
    expect(detector.classify(claims).kind).toBe(kind);
  });

  it('are judged the same by the neutral rule, which knows of no user in them either', () => {
    const { kind, clientId, scopes, provider } = new M2MTokenDetector().classify(SERVICE);
    expect({ kind, clientId, scopes, provider }).toEqual({
      kind: 'm2m',
      clientId: 'service-account-123',
      scopes: ['api/read', 'api/write'],
      provider: null,
    });
  });
});

describe('what cannot be judged', () => {
  it.each([
    ['null', null],
    ['undefined', undefined],
    ['a string', '{"sub":"c","client_id":"c"}'],
    ['an array', [{ sub: 'c', client_id: 'c' }]],
    ['a function', Object.assign(() => undefined, { sub: 'c', client_id: 'c' })],
    ['a Map', new Map([['sub', 'c']])],
    ['a number as subject', { iss: 'i', sub: 1, client_id: 'c' }],
    ['an array as client', { iss: 'i', sub: 'c', client_id: ['c'] }],
    ['blank identifiers', { iss: 'i', sub: ' ', client_id: ' ' }],
    ['null as subject beside a client', { iss: 'i', sub: null, client_id: 'c' }],
    [
      'a getter that throws',
      {
        get sub() {
          throw new Error('no');
        },
        client_id: 'c',
      },
    ],
    [
      'a Proxy that throws',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
    ],
    ['a revoked Proxy', revoked()],
  ])('%s is unknown, and no exception', (_what, claims) => {
    const detector = new M2MTokenDetector();
    expect(detector.classify(claims)).toMatchObject({ kind: 'unknown', provider: null });
    expect(detector.getTokenMetadata(claims)).toMatchObject({ kind: 'unknown', isM2M: false, hasUserContext: false });
    expect(detector.explain(claims)).toContain('unknown');
  });

  it('is looked at in linear time: a million characters, a hundred thousand scopes, as many claims', () => {
    const detector = new M2MTokenDetector({ provider: 'keycloak' });
    const many = Array.from({ length: 100_000 }, (_, index) => `s${index}`);
    const long = 'a:'.repeat(500_000);
    const started = performance.now();
    expect(detector.classify({ sub: 'c', client_id: 'c', scope: many, scp: many.join(' ') }).scopes).toHaveLength(
      100_000,
    );
    expect(detector.classify(Object.fromEntries(many.map((name) => [name, name]))).kind).toBe('unknown');
    for (const name of ['sub', 'iss', 'email', 'scope', 'preferred_username', 'jti']) {
      detector.classify({ iss: 'i', sub: 's', client_id: 'c', [name]: long });
      detector.classify({ iss: 'i', sub: 's', client_id: 'c', [name]: '@'.repeat(1_000_000) });
    }
    // Quadratic time would be minutes.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('what the neutral rule weighs', () => {
  const base = { iss: 'https://i.example.com', aud: 'https://api.example.com', iat: 1767225600, exp: 1767229200 };

  it.each<[string, object, TokenKind]>([
    ['the subject is the client', { sub: 'svc', client_id: 'svc' }, 'm2m'],
    ['the same, with a name: services have names', { sub: 'svc', client_id: 'svc', name: 'Orders' }, 'm2m'],
    ['the same, with a session', { sub: 'svc', client_id: 'svc', sid: 's' }, 'unknown'],
    ['the same, with a sign-in time', { sub: 'svc', client_id: 'svc', auth_time: 1767225600 }, 'unknown'],
    ['the same, with a given name', { sub: 'svc', client_id: 'svc', given_name: 'Anna' }, 'unknown'],
    ['the same, but two clients are named', { sub: 'svc', client_id: 'svc', azp: 'other' }, 'unknown'],
    ['two counters that met by chance', { sub: '7', client_id: '7' }, 'unknown'],
    ['an e-mail as subject and client', { sub: 'a@example.com', client_id: 'a@example.com' }, 'human'],
    ['the subject is the only audience', { sub: 'svc', aud: ['svc'] }, 'm2m'],
    ['one of two audiences', { sub: 'svc', aud: ['svc', 'other'] }, 'unknown'],
    ['the subject is somebody else than the client', { sub: 'u1', client_id: 'c1' }, 'unknown'],
    ['a client and no subject', { client_id: 'c1', scope: 'read' }, 'm2m'],
    ['a client, no subject, and a claim nobody has heard of', { client_id: 'c1', customerNo: '4711' }, 'unknown'],
    ['a client, no subject, and a list nobody has heard of', { client_id: 'c1', 'cognito:groups': [] }, 'human'],
    ['a client, no subject, and a scope about a user', { client_id: 'c1', scope: 'openid read' }, 'unknown'],
    ['an openid scope', { sub: 'u1', client_id: 'c1', scope: 'openid' }, 'human'],
    ['a scope that only contains the word', { sub: 'u1', client_id: 'c1', scope: 'openid2 xopenid' }, 'unknown'],
    ['an e-mail', { sub: 'u1', email: 'anna@example.com' }, 'human'],
    ['a name alone', { sub: 'u1', name: 'Anna' }, 'unknown'],
    ["the issuer's word", { sub: 'u1', azp: 'c1', gty: 'client-credentials' }, 'm2m'],
    ["Auth0's word, copied into a token of somebody else", { sub: 'u1', gty: 'client-credentials' }, 'unknown'],
    [
      'the grant of a client, and a user',
      { sub: 'u1', client_id: 'c1', grant_type: 'client_credentials', user_name: 'a' },
      'unknown',
    ],
    ['a client by its type', { sub: 'c1', client_id: 'c1', sub_type: 'client' }, 'm2m'],
    ['a customer, who is a client of the shop', { sub: 'u1', client_id: 'c1', sub_type: 'client' }, 'unknown'],
    ['a customer by the prefix of an id', { sub: 'client_01JP8BD0CZ401TDF9X54NT5ZEK' }, 'unknown'],
    ['an agent that acts for itself', { sub: 'a1', client_id: 'c1', sub_profile: 'ai_agent' }, 'm2m'],
    ['a service that is an agent', { sub: 'a1', client_id: 'c1', sub_profile: 'service ai_agent' }, 'm2m'],
    ['a user by its profile', { sub: 'u1', client_id: 'c1', sub_profile: 'user' }, 'human'],
    ['an application as a subject', { sub: 'a1', client_id: 'c1', sub_profile: 'browser_app' }, 'unknown'],
    ['a device as a subject', { sub: 'a1', client_id: 'a1', sub_profile: 'device' }, 'unknown'],
    ['a profile that is no text', { sub: 'a1', client_id: 'a1', sub_profile: ['service'] }, 'unknown'],
    ['a one-time token of an e-mail', { username: 'anna', action: 'ResetPassword' }, 'unknown'],
    ["the issuer's word against itself", { sub: 'u1', idtyp: 'app', sub_type: 'user' }, 'unknown'],
    ['the word with an e-mail', { sub: 'u1', idtyp: 'app', email: 'anna@example.com' }, 'm2m'],
    ['the word with a nonce', { sub: 'u1', idtyp: 'app', nonce: 'n' }, 'unknown'],
    ['several grants, mixed', { sub: 'u1', gty: ['client_credentials', 'password'] }, 'human'],
    ['a service account of Google, from elsewhere', { sub: 'u1', email: 's@p.iam.gserviceaccount.com' }, 'unknown'],
    ['a user name like a service account', { sub: 'u1', preferred_username: 'service-account-x' }, 'unknown'],
    ['a key-proved sign-in', { sub: 'u1', client_id: 'c1', amr: ['hwk'] }, 'human'],
    ['a machine with an unknown amr', { sub: 'svc', client_id: 'svc', amr: ['client_secret'] }, 'm2m'],
    ['a customer called client', { sub: '42', sub_type: 'client', email: 'a@example.com' }, 'human'],
    ['a user name with a colon in it', { sub: 'urn:acme:job:anna' }, 'unknown'],
    ['a label named user in a pipeline subject', { sub: 'project:a:environment:b:user:c' }, 'unknown'],
  ])('%s', (_what, claims, kind) => {
    expect(kindOf({ ...base, ...claims })).toBe(kind);
  });

  it('names every rule that spoke for its verdict, once, in the order of the list', () => {
    const { reasons } = new M2MTokenDetector().classify({
      ...base,
      sub: 'auth0|1',
      username: 'anna',
      upn: 'anna',
      scp: ['openid'],
      scope: 'openid',
    });
    expect(reasons.map((reason) => reason.split(':')[0])).toEqual(['user-name', 'connection-subject', 'openid-scope']);
  });
});

describe('several issuers', () => {
  const detector = new M2MTokenDetector({
    provider: 'duende',
    issuers: {
      'https://a.example.com': 'logto',
      'https://b.example.com/': { extends: 'keycloak', serviceAccounts: ['u1'] },
    },
  });
  const by = (iss: string | undefined, claims: object = {}) =>
    detector.classify({ iss, sub: 'u1', client_id: 'c1', ...claims });

  it('are told apart by the exact iss, so that a slash more is another issuer', () => {
    expect(by('https://a.example.com')).toMatchObject({ kind: 'human', provider: 'logto' });
    expect(by('https://a.example.com/')).toMatchObject({ kind: 'human', provider: 'duende' });
    expect(by('https://b.example.com/')).toMatchObject({ kind: 'm2m', provider: null });
    expect(by(undefined)).toMatchObject({ kind: 'human', provider: 'duende' });
  });

  it('are not looked up among the properties that every object has', () => {
    expect(by('constructor')).toMatchObject({ provider: 'duende' });
    expect(by('__proto__')).toMatchObject({ provider: 'duende' });
  });
});

describe('a profile', () => {
  const judge = (provider: M2MOptions['provider'], claims: object) =>
    new M2MTokenDetector({ provider }).classify(claims);

  it('puts your own conditions before those of the preset', () => {
    const profile = { extends: 'duende', m2mWhen: [{ claim: 'client_role', equals: 'batch' }] };
    expect(judge(profile, { sub: 'u1', client_id: 'c1', client_role: 'batch' }).kind).toBe('m2m');
    expect(judge(profile, { sub: 'u1', client_id: 'c1', client_role: 'web' }).kind).toBe('human');
  });

  it.each([
    ['equals', { claim: 'x', equals: 7 }, { x: 7 }, { x: '7' }],
    ['equals, one item of a list', { claim: 'x', equals: 'a' }, { x: ['b', 'a'] }, { x: ['b'] }],
    ['equals, true', { claim: 'x', equals: true }, { x: true }, { x: 1 }],
    ['startsWith', { claim: 'x', startsWith: 'svc-' }, { x: 'svc-1' }, { x: 'a-svc-' }],
    ['endsWith', { claim: 'x', endsWith: '.svc' }, { x: 'a.svc' }, { x: '.svc.a' }],
    ['exists', { claim: 'x', exists: true }, { x: 0 }, { y: 1 }],
    ['exists, not', { claim: 'x', exists: false }, { y: 1 }, { x: 'a' }],
    ['a dot in the name is no path', { claim: 'a.b', equals: 'c' }, { 'a.b': 'c' }, { a: { b: 'c' } }],
  ])('%s', (_what, rule, holds, fails) => {
    expect(judge({ m2mWhen: [rule] }, { sub: 'u', ...holds }).kind).toBe('m2m');
    expect(judge({ m2mWhen: [rule] }, { sub: 'u', ...fails }).kind).toBe('unknown');
  });

  it('says unknown where the conditions for both hold', () => {
    const profile = { m2mWhen: [{ claim: 'a', exists: true }], humanWhen: [{ claim: 'b', exists: true }] };
    expect(judge(profile, { sub: 'u', a: 1, b: 1 })).toMatchObject({ kind: 'unknown' });
    expect(judge(profile, { sub: 'u', b: 1 })).toMatchObject({ kind: 'human' });
  });

  it('knows service users by name, who otherwise look like people', () => {
    const claims = { sub: 'u1', email: 'svc@example.com', given_name: 'Service', sid: 's' };
    expect(judge({ serviceAccounts: ['u1'] }, claims).kind).toBe('m2m');
    expect(judge({ serviceAccounts: ['u2'] }, claims).kind).toBe('human');
  });

  it('says where the client is', () => {
    expect(judge({ clientIdClaims: ['app'] }, { sub: 'u', app: 'c1', client_id: 'c2' }).clientId).toBe('c1');
    expect(judge({ extends: 'clerk' }, { sub: 'u', azp: 'c1' }).clientId).toBeNull();
  });

  it('does not make a refresh token a caller, whatever it says', () => {
    expect(judge({ serviceAccounts: ['u1'] }, { sub: 'u1', typ: 'Refresh' }).kind).toBe('unknown');
  });
});

describe('decide, the last word', () => {
  const claims = { iss: 'i', sub: 'u1', client_id: 'c1' };

  it('is given the claims and the verdict, and its answer holds', () => {
    const decide = jest.fn<NonNullable<M2MOptions['decide']>>(() => 'm2m');
    const verdict = new M2MTokenDetector({ decide }).classify(claims);
    expect(verdict).toMatchObject({ kind: 'm2m', confidence: 'stated', clientId: 'c1', subject: 'u1' });
    expect(verdict.reasons[0]).toBe('decide: the application says m2m');
    expect(decide).toHaveBeenCalledWith(claims, expect.objectContaining({ kind: 'unknown' }));
  });

  it('leaves the verdict as it is with undefined', () => {
    expect(new M2MTokenDetector({ decide: () => undefined }).classify({ sub: 'c', client_id: 'c' }).kind).toBe('m2m');
  });

  it.each<[string, unknown]>([
    [
      'an error',
      () => {
        throw new Error('secret');
      },
    ],
    ['a promise', async () => 'm2m'],
    ['a boolean', () => true],
    ['null', () => null],
    ['a kind that is none', () => 'machine'],
  ])('%s means unknown, not a 500 and not a machine', (_what, decide) => {
    const { kind, reasons } = new M2MTokenDetector({ decide: decide as never }).classify({ sub: 'c', client_id: 'c' });
    expect(kind).toBe('unknown');
    expect(reasons.join()).not.toContain('secret');
  });

  it('is not asked about what is no set of claims', () => {
    const decide = jest.fn<NonNullable<M2MOptions['decide']>>(() => 'm2m');
    expect(new M2MTokenDetector({ decide }).classify(null).kind).toBe('unknown');
    expect(decide).not.toHaveBeenCalled();
  });
});

describe('the metadata', () => {
  const metadata = (claims: object) => new M2MTokenDetector().getTokenMetadata(claims);

  it("gives a machine's account its own name", () => {
    const google = { iss: 'https://accounts.google.com', sub: '1', azp: '1', email: 's@p.iam.gserviceaccount.com' };
    expect(metadata(google)).toMatchObject({ serviceAccount: 's@p.iam.gserviceaccount.com', isM2M: true });
    const keycloak = { sub: 'u', azp: 'web', preferred_username: 'service-account-web', clientHost: '10.0.0.1' };
    expect(metadata(keycloak)).toMatchObject({ serviceAccount: 'service-account-web', clientId: 'web' });
    const pod = { sub: 'system:serviceaccount:prod:api' };
    expect(metadata(pod)).toMatchObject({ serviceAccount: 'system:serviceaccount:prod:api', clientId: null });
  });

  it('gives a person none, and says whom', () => {
    const anna = { sub: 'u', sid: 's', preferred_username: 'anna', email: 'anna@example.com', client_id: 'web' };
    expect(metadata(anna)).toMatchObject({
      ...{ kind: 'human', hasUserContext: true, serviceAccount: null, username: 'anna', email: 'anna@example.com' },
    });
  });
});

describe('explain', () => {
  it('says in words why, and which preset to choose for this issuer', () => {
    const text = new M2MTokenDetector().explain({ iss: 'https://acme.eu.auth0.com/', sub: 'u', azp: 'c' });
    expect(text).toContain('This token is for: not told by this token (unknown).');
    expect(text).toContain('Preset to choose: auth0 (Auth0)');
    expect(text).toContain('"https://acme.eu.auth0.com/": \'auth0\'');
  });

  it.each([
    [
      'its preset tells more',
      { iss: 'https://a.zitadel.cloud', sub: '1', client_id: 'svc' },
      'With it: a machine (m2m).',
    ],
    [
      'a standard would',
      { iss: 'https://i.example.com', sub: 'u', client_id: 'c' },
      'rfc9068; with it: a person (human).',
    ],
    ['nothing helps', { iss: 'https://i.example.com', sub: 'u' }, 'none is known that tells more. Otherwise describe'],
    [
      'it is no token of a caller',
      { iss: 'https://i.example.com', sub: 'u', events: {} },
      'no preset makes this the token',
    ],
    [
      'it was judged without one',
      { iss: 'https://i.example.com', sub: 'c', client_id: 'c' },
      'the neutral rule is enough',
    ],
    ['the issuer is no URL', { iss: 'https://\u202E.auth0.com/', sub: 'u' }, "m2m: { provider: 'auth0' }"],
  ])('says of the preset to choose that %s', (_what, claims, words) => {
    expect(new M2MTokenDetector().explain(claims)).toContain(words);
  });

  it('quotes no claim but the issuer, because it ends up in tickets', () => {
    const claims = {
      iss: 'https://i.example.com',
      sub: 'private-sub',
      email: 'private@example.com',
      client_id: 'private-c',
    };
    expect(new M2MTokenDetector().explain(claims)).not.toContain('private');
  });

  it('says which preset decided instead of naming one to choose', () => {
    const text = new M2MTokenDetector({ provider: 'auth0' }).explain({
      iss: 'https://acme.eu.auth0.com/',
      sub: 'auth0|1',
    });
    expect(text).toContain('Decided by: the preset "auth0".');
    expect(text).not.toContain('Preset to choose');
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
