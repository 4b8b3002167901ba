// What people try with tokens that have been accepted before: caches, withdrawn keys, and clocks that jump. Real: applications on
// sockets, an issuer with its key set. Faked: the application's clock, which is the wall's and can be moved.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADAPTERS, until } from '../support/app.js';
import { forge, partsOf, respell, seconds } from './forging.js';
import { Arena } from './world.js';

const DAY_MS = 86_400_000;

function movableClock(): { now: () => number; advance: (ms: number) => void } {
  let moved = 0;
  return { now: () => Date.now() + moved, advance: (ms) => void (moved += ms) };
}

describe.each(ADAPTERS)('attacks on what is remembered, on %s', (adapter) => {
  const clock = movableClock();
  let arena: Arena;
  let cached: string;

  beforeAll(async () => {
    arena = await Arena.open(adapter, { now: clock.now });
    cached = await arena.world.good();
    await statusOf(cached);
  }, 60_000);
  afterAll(() => arena.close());

  const statusOf = async (token: string): Promise<number> => (await arena.withToken(token)).status;

  async function expectRefused(token: string, category: string): Promise<void> {
    arena.events.length = 0;
    expect(await statusOf(token)).toBe(401);
    expect(arena.events).toEqual([expect.objectContaining({ type: 'token.refused', category })]);
  }

  /** The token that was there before, a new one, and no connection to anybody but the issuer. */
  async function expectAllIsWell(): Promise<void> {
    expect(await statusOf(cached)).toBe(200);
    expect(await statusOf(await arena.world.good())).toBe(200);
    const known = [`127.0.0.1:${arena.running.port}`, new URL(arena.issuer.issuer).host];
    expect([...arena.hosts].filter((host) => !known.includes(host))).toEqual([]);
    expect(arena.evilRequests()).toBe(0);
  }

  const signedByEc = (claims: object): string => {
    const { ec, iss } = arena.world;
    const times = { iat: seconds() - 1, exp: seconds() + 600 };
    return forge({ alg: 'ES256', kid: ec.kid }, { iss, sub: 'anna', aud: 'api', ...times, ...claims }, ec.sign);
  };

  it('a token is used once more after its time is up', async () => {
    const token = signedByEc({ exp: seconds() + 60 });
    expect(await statusOf(token)).toBe(200);
    clock.advance(61_000);
    await expectRefused(token, 'expired_token');
    clock.advance(-61_000);
    await expectAllIsWell();
  });

  it('a clock that is set back a day makes no token of tomorrow good, remembered or not', async () => {
    clock.advance(-DAY_MS);
    await expectRefused(cached, 'not_active');
    await expectRefused(await arena.world.good(), 'not_active');
    clock.advance(DAY_MS);
    await expectAllIsWell();
  });

  it('a remembered token is spelled in another way, or put together from two', async () => {
    const other = await arena.world.good();
    expect(await statusOf(other)).toBe(200);
    const [one, two] = [partsOf(cached).segments, partsOf(other).segments];
    await expectRefused([one[0], one[1], two[2]].join('.'), 'invalid_signature');
    await expectRefused([one[0], two[1], one[2]].join('.'), 'invalid_signature');
    await expectRefused([one[0], one[1], respell(one[2])].join('.'), 'malformed');
    await expectRefused(`${cached}.`, 'malformed');
    await expectAllIsWell();
  });

  it('a flood of forged tokens under a known header pushes nobody out and is remembered by nobody', async () => {
    const { segments } = partsOf(cached);
    const forged = Array.from({ length: 200 }, (_, index) => {
      const payload = Buffer.from(JSON.stringify({ sub: `mallory-${index}` })).toString('base64url');
      return [segments[0], payload, segments[2]].join('.');
    });
    const statuses = await Promise.all([...forged, ...forged].map(statusOf));
    expect(new Set(statuses)).toEqual(new Set([401]));
    await expectAllIsWell();
  });

  it('a token is used on after the key that signed it was withdrawn, because it was verified before', async () => {
    const { rsa, ec } = arena.world;
    const token = await arena.world.good();
    expect(await statusOf(token)).toBe(200);
    const asked = arena.issuer.requestCount('/jwks');
    arena.issuer.publishKeys([ec.jwk]);
    // After this the set is fetched in the background while requests go on.
    clock.advance(481_000);
    expect(await statusOf(signedByEc({}))).toBe(200);
    await until(() => arena.issuer.requestCount('/jwks') > asked, 'the set is fetched');
    for (let tries = 0; tries < 100 && (await statusOf(token)) !== 401; tries++);
    await expectRefused(token, 'key');
    expect(await statusOf(signedByEc({}))).toBe(200);
    arena.issuer.publishKeys([rsa.jwk, ec.jwk]);
    clock.advance(31_000); // the cool-down of unknown keys
    cached = await arena.world.good();
    await expectAllIsWell();
  });

  it('a clock that jumps a year ahead refuses all, asks the issuer once more at most, and is forgiven when it comes back', async () => {
    const asked = arena.issuer.requestCount('/jwks');
    clock.advance(365 * DAY_MS);
    await Promise.all(Array.from({ length: 20 }, () => statusOf(cached)));
    await expectRefused(cached, 'expired_token');
    clock.advance(-365 * DAY_MS);
    await expectAllIsWell();
    expect(arena.issuer.requestCount('/jwks')).toBeLessThanOrEqual(asked + 1);
  });
});
