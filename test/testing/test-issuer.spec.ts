// The issuer that our own tests and the applications' tests use: it must be what it says it is.
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { M2MTokenDetector } from '../../src/m2m/m2m-token-detector.js';
import { presetNames } from '../../src/m2m/presets/index.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { PROVIDER_TOKENS } from '../../src/testing/provider-tokens/index.js';
import { TestIssuer } from '../../src/testing/test-issuer.js';

let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await TestIssuer.start();
});
afterAll(() => issuer.stop());

type Part = Record<string, unknown>;
const decode = (token: string, part: 0 | 1): Part =>
  JSON.parse(Buffer.from(token.split('.')[part]!, 'base64url').toString()) as Part;
const json = async (url: string, init?: RequestInit): Promise<any> => (await fetch(url, init)).json();

describe('TestIssuer', () => {
  it('says where its keys are as OpenID Connect and as RFC 8414, under its exact name', async () => {
    for (const path of ['openid-configuration', 'oauth-authorization-server']) {
      expect(await json(`${issuer.issuer}/.well-known/${path}`)).toMatchObject({
        issuer: issuer.issuer,
        jwks_uri: issuer.jwksUri,
        token_endpoint: issuer.tokenEndpoint,
      });
    }
  });

  it('signs with the key that its key set shows', async () => {
    const token = await issuer.human();
    const { keys } = (await json(issuer.jwksUri)) as { keys: JsonWebKey[] };
    const [input, signature] = [token.slice(0, token.lastIndexOf('.')), token.split('.')[2]!];
    const key = createPublicKey({ key: keys[0]!, format: 'jwk' });
    expect(verify('sha256', Buffer.from(input), key, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(decode(token, 0)['kid']).toBe((keys[0] as Part)['kid']);
    expect(keys[0]).not.toHaveProperty('d');
  });

  it('puts issuer, audience and times into every token, and lets the claims given replace or remove them', async () => {
    const second = Math.floor(Date.now() / 1000);
    const claims = decode(await issuer.sign({ role: 'admin' }), 1);
    expect(claims).toMatchObject({ iss: issuer.issuer, aud: 'api', sub: 'test-subject', role: 'admin' });
    expect(Math.abs((claims['iat'] as number) - second)).toBeLessThanOrEqual(1);
    expect(claims['exp']).toBe((claims['iat'] as number) + 3600);
    expect(decode(await issuer.human('auth0', { aud: 'other', azp: undefined }), 1)).toMatchObject({ aud: 'other' });
    expect(decode(await issuer.human('auth0', { azp: undefined }), 1)).not.toHaveProperty('azp');
    expect(decode(await issuer.sign({}, { typ: 'at+jwt', kid: 'x' }), 0)).toMatchObject({ typ: 'at+jwt', kid: 'x' });
    expect(await issuer.human()).not.toBe(await issuer.human());
  });

  it('knows the tokens of every preset', () => {
    expect(Object.keys(PROVIDER_TOKENS).toSorted()).toEqual(presetNames().toSorted());
  });

  it.each(Object.keys(PROVIDER_TOKENS))(
    'makes tokens of %s that its preset judges right, person and machine',
    async (provider) => {
      const detector = new M2MTokenDetector({ provider });
      for (const kind of ['human', 'm2m'] as const) {
        const judged = issuer[kind](provider).then(
          (token) => detector.classify(decode(token, 1)).kind,
          (error: Error) => error.message,
        );
        const who = kind === 'human' ? 'people' : 'machines';
        const none = `TestIssuer.${kind}(provider): ${provider} issues no tokens for ${who}.`;
        expect(await judged).toBe(PROVIDER_TOKENS[provider]![kind] === undefined ? none : kind);
      }
    },
  );

  it('names the providers it knows when it is asked for another one', async () => {
    await expect(issuer.human('cognitoo')).rejects.toThrow(
      /no tokens of "cognitoo" are known here. Did you mean "cognito"/,
    );
    await expect(issuer.human('constructor')).rejects.toThrow(/no tokens of "constructor"/);
  });

  it.each([
    ['in the form', {}, { client_id: 'billing', client_secret: 'x' }],
    ['in the header', { authorization: `Basic ${Buffer.from('billing:x').toString('base64')}` }, {}],
  ])('gives a client its token for client credentials %s', async (_where, headers, form) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'orders', ...form });
    const answer = await json(issuer.tokenEndpoint, { method: 'POST', headers, body });
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'orders' });
    expect(decode(answer.access_token, 1)).toMatchObject({ sub: 'billing', client_id: 'billing', scope: 'orders' });
    const refused = await fetch(issuer.tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password' }),
    });
    expect(refused.status).toBe(400);
  });

  it('rotates its key, alone or beside the one before, and shows what it is told to show', async () => {
    const kids = async (): Promise<string[]> =>
      (await json(issuer.jwksUri)).keys.map(({ kid }: { kid: string }) => kid);
    const [first] = await kids();
    await issuer.rotateKeys({ keepPrevious: true });
    const [second, ...older] = await kids();
    expect(older).toEqual([first]);
    expect(decode(await issuer.human(), 0)['kid']).toBe(second);
    await issuer.rotateKeys();
    expect(await kids()).toEqual([issuer.jwk['kid']]);
    issuer.publishKeys([]);
    expect(await kids()).toEqual([]);
  });

  it('is out, slow and back again when told so, and counts what is asked of it', async () => {
    const before = [issuer.requestCount(), issuer.requestCount('/jwks')];
    issuer.outage();
    expect((await fetch(issuer.jwksUri)).status).toBe(503);
    issuer.outage(false);
    issuer.answerAfter(60);
    const start = performance.now();
    expect((await fetch(`${issuer.issuer}/elsewhere`)).status).toBe(404);
    expect(performance.now() - start).toBeGreaterThanOrEqual(55);
    issuer.answerAfter(0);
    expect([issuer.requestCount(), issuer.requestCount('/jwks')]).toEqual([before[0]! + 2, before[1]! + 1]);
  });

  it('refuses an algorithm it cannot sign with, and a port that is taken', async () => {
    await expect(TestIssuer.start({ algorithm: 'HS256' })).rejects.toThrow(
      /algorithm.*must be RS, PS or ES.*got "HS256"/,
    );
    await expect(TestIssuer.start({ port: Number(new URL(issuer.issuer).port) })).rejects.toThrow(/EADDRINUSE/);
  });
});

describe('ManualClock', () => {
  it('stands still until it is moved, forwards or backwards, and hands out its now as it is', () => {
    const clock = new ManualClock(1_000);
    const { now } = clock;
    expect([now(), now()]).toEqual([1_000, 1_000]);
    clock.advance(500);
    expect(now()).toBe(1_500);
    clock.advance(-1_500);
    expect(now()).toBe(0);
    expect(() => clock.advance(Number.NaN)).toThrow(TypeError);
  });
});
