// Every attack of attacks/ against a running application on real sockets, with a real issuer. What an attacker gets to see is
// the same for all; what audit and metrics get to see is the reason; and afterwards everything works as before.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADAPTERS } from '../support/app.js';
import { ATTACKS } from './attacks/index.js';
import { forge, partsOf, rsaSigner } from './forging.js';
import { Arena, type Answer, type RawHeaders } from './world.js';

const UNAUTHORIZED = { statusCode: 401, message: 'Unauthorized', error: 'Unauthorized', code: 'unauthenticated' };

function expectRefused(answer: Answer, challenge: string): void {
  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.body)).toEqual(UNAUTHORIZED);
  expect(answer.headers['www-authenticate']).toBe(challenge);
}

it('holds at least sixty attacks, each with a name of its own', () => {
  expect(ATTACKS.length).toBeGreaterThanOrEqual(60);
  expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length);
});

describe.each(ADAPTERS)('attacks on %s', (adapter) => {
  let arena: Arena;
  let cached: string;
  let openedAt: number;

  beforeAll(async () => {
    arena = await Arena.open(adapter);
    openedAt = performance.now();
    cached = await arena.world.good();
    await arena.withToken(cached);
  }, 60_000);
  afterAll(() => arena.close());

  async function expectAllIsWell(): Promise<void> {
    expect((await arena.withToken(cached)).status).toBe(200);
    const fresh = await arena.withToken(await arena.world.good());
    expect(fresh.status).toBe(200);
    expect(JSON.parse(fresh.body)).toMatchObject({ id: 'anna' });
    const ours = [arena.issuer, arena.other].map(({ issuer }) => new URL(issuer).host);
    const asked = new Set(arena.hosts);
    expect(asked.delete(`127.0.0.1:${arena.running.port}`)).toBe(true);
    expect(asked.delete(ours[0]!)).toBe(true);
    asked.delete(ours[1]!);
    expect([...asked]).toEqual([]);
    expect(arena.evilRequests()).toBe(0);
  }

  /** No line and no answer holds any part of a token, of a key or of a call stack. */
  function expectSilence(token: string, answer: Answer): void {
    const said = [answer.body, JSON.stringify(answer.headers), ...arena.log.lines].join('\n');
    for (const part of [...token.split('.').filter(({ length }) => length > 8), 'mallory', '    at ']) {
      expect(said).not.toContain(part);
    }
  }

  it.each(ATTACKS)('$name: refused as $category, and nothing is given away', async ({ category, make }) => {
    const token = await make(arena.world);
    arena.events.length = 0;
    const answer = await arena.withToken(token);
    expectRefused(answer, 'Bearer error="invalid_token"');
    expect(arena.events).toEqual([{ type: 'token.refused', category, durationMs: expect.any(Number) }]);
    expectSilence(token, answer);
    await expectAllIsWell();
  });

  it('asked the issuer for its keys, and once more for all unknown kids together', () => {
    const cooldowns = 1 + Math.floor((performance.now() - openedAt) / 30_000);
    expect(arena.issuer.requestCount('/jwks')).toBeLessThanOrEqual(1 + cooldowns);
    expect(arena.issuer.requestCount() - arena.issuer.requestCount('/jwks')).toBe(1);
    expect(arena.log.lines.filter((line) => line.includes('cannot be fetched'))).toEqual([]);
  });

  it('has good keys: what the attacks misuse verifies what it is for', async () => {
    const { pss, cube, ec, ed, otherTwin, otherIss, iss } = arena.world;
    const claims = (issuer: string) => ({
      iss: issuer,
      sub: 'anna',
      aud: 'api',
      exp: Math.floor(Date.now() / 1000) + 600,
    });
    const tokens = [
      forge({ alg: 'PS256', kid: pss.kid }, claims(iss), rsaSigner(pss.privateKey, 'sha256', true)),
      forge({ alg: 'RS256', kid: cube.kid }, claims(iss), cube.sign),
      forge({ alg: 'ES256', kid: ec.kid }, claims(iss), ec.sign),
      forge({ alg: 'EdDSA', kid: ed.kid }, claims(iss), ed.sign),
      forge({ alg: 'RS256', typ: 'JWT', kid: otherTwin.kid }, claims(otherIss), otherTwin.sign),
    ];
    const answers = await Promise.all(tokens.map((token) => arena.withToken(token)));
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200));
  });

  it('takes every attack that only changes what does not count for what it is: the same caller as before', async () => {
    const { ec } = arena.world;
    // An ECDSA signature can be negated by anybody. It says the same of the same token: lists of revoked tokens go by jti.
    const { segments } = partsOf(await arena.world.good());
    const input = `${Buffer.from(JSON.stringify({ alg: 'ES256', kid: ec.kid })).toString('base64url')}.${segments[1]}`;
    const signature = ec.sign(input);
    const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
    const s = order - BigInt(`0x${signature.subarray(32).toString('hex')}`);
    const negated = Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
    const answers = await Promise.all(
      [signature, negated].map((bytes) => arena.withToken(`${input}.${bytes.toString('base64url')}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]!.body).toBe(answers[1]!.body);
  });

  describe('where a token may be', () => {
    type Where = [string, (token: string) => { headers?: RawHeaders; path?: string; body?: string }];
    const authorization = (...values: string[]): RawHeaders => values.map((value) => ['Authorization', value]);

    it.each<Where>([
      ['no token at all', () => ({})],
      ['the query', (token) => ({ path: `/me?access_token=${token}&token=${token}` })],
      [
        'a form',
        (token) => ({
          body: `access_token=${token}`,
          headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        }),
      ],
      [
        'a JSON body',
        (token) => ({ body: JSON.stringify({ access_token: token }), headers: [['Content-Type', 'application/json']] }),
      ],
      ['a cookie', (token) => ({ headers: [['Cookie', `access_token=${token}; jwt=${token}`]] })],
      [
        'a header of another name',
        (token) => ({
          headers: [
            ['X-Access-Token', token],
            ['X-Authorization', `Bearer ${token}`],
          ],
        }),
      ],
      ['Proxy-Authorization', (token) => ({ headers: [['Proxy-Authorization', `Bearer ${token}`]] })],
      ['another scheme', (token) => ({ headers: authorization(`JWT ${token}`) })],
      ['the scheme of DPoP', (token) => ({ headers: authorization(`DPoP ${token}`) })],
      ['Basic', (token) => ({ headers: authorization(`Basic ${Buffer.from(token).toString('base64')}`) })],
      ['no scheme', (token) => ({ headers: authorization(token) })],
      ['a scheme that starts alike', (token) => ({ headers: authorization(`Bearers ${token}`) })],
      ['a colon for the space', (token) => ({ headers: authorization(`Bearer:${token}`) })],
      ['an empty header', () => ({ headers: authorization('') })],
    ])('%s is no token: 401 without an error, and no failed validation', async (_where, place) => {
      const { headers = [], path = '/me', body } = place(cached);
      arena.events.length = 0;
      expectRefused(await arena.ask(path, headers, body), 'Bearer');
      expect(arena.events).toEqual([]);
      await expectAllIsWell();
    });

    it.each<Where>([
      ['two headers, both good', (token) => ({ headers: authorization(`Bearer ${token}`, `Bearer ${token}`) })],
      ['two headers, the good one first', (token) => ({ headers: authorization(`Bearer ${token}`, 'Bearer x') })],
      ['two headers, the good one last', (token) => ({ headers: authorization('Basic eDp5', `Bearer ${token}`) })],
      [
        'two headers in different case',
        (token) => ({
          headers: [
            ['authorization', `Bearer ${token}`],
            ['AUTHORIZATION', 'Bearer x'],
          ],
        }),
      ],
      ['a list in one header', (token) => ({ headers: authorization(`Bearer ${token}, Bearer ${token}`) })],
      ['a list with another scheme', (token) => ({ headers: authorization(`Bearer ${token}, Basic eDp5`) })],
      ['parameters behind the token', (token) => ({ headers: authorization(`Bearer ${token} realm="x"`) })],
      ['the token in quotes', (token) => ({ headers: authorization(`Bearer "${token}"`) })],
      ['the scheme twice', (token) => ({ headers: authorization(`Bearer Bearer ${token}`) })],
      ['a tab for the space', (token) => ({ headers: authorization(`Bearer\t${token}`) })],
      ['the scheme alone', () => ({ headers: authorization('Bearer') })],
    ])('%s is refused as malformed', async (_where, place) => {
      arena.events.length = 0;
      expectRefused(await arena.ask('/me', place(cached).headers), 'Bearer error="invalid_token"');
      expect(arena.events).toEqual([expect.objectContaining({ type: 'token.refused', category: 'malformed' })]);
      await expectAllIsWell();
    });

    it.each<Where>([
      ['the scheme in small letters', (token) => ({ headers: authorization(`bearer ${token}`) })],
      ['the scheme in capitals', (token) => ({ headers: authorization(`BEARER ${token}`) })],
      ['several spaces', (token) => ({ headers: authorization(`Bearer   ${token}`) })],
      [
        'another token in the query',
        (token) => ({ path: '/me?access_token=evil', headers: authorization(`Bearer ${token}`) }),
      ],
    ])('%s is the one token of the request', async (_where, place) => {
      const { headers, path = '/me' } = place(cached);
      expect((await arena.ask(path, headers)).status).toBe(200);
    });
  });
});
