// Real: Nest with both frameworks, real sockets, the limiter with its memory. Faked: the authentication, which believes a
// header. What is asked: what the application's own functions answer for one caller, and what happens if they fail.
import { Controller, Get, UseGuards, type Type } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { RateLimit } from '../../src/rate-limit/rate-limit.decorator.js';
import type { RateLimitPolicy } from '../../src/rate-limit/rate-limit.policy.js';
import { ADAPTERS, until } from '../support/app.js';
import { Auth, makeLimiting, startLimited, type Limited } from './support/limited-app.js';

const fails = (): never => {
  throw new Error('no idea');
};
const rejects = async (): Promise<never> => fails();
const answers = (value: unknown) => (): never => value as never;

function routeOf(policy: RateLimitPolicy): Type {
  @Controller()
  class Route {
    @Get('r') @UseGuards(Auth) @RateLimit({ maxRequests: 2, ...policy }) r() {
      return 'ok';
    }
  }
  return Route;
}

/** Each of them once, and what the warning says. */
const FAILURES: [string, RateLimitPolicy, RegExp][] = [
  ['an identifier that throws', { identifier: fails }, /identifier .* failed \(no idea\)/],
  ['an identifier that rejects', { identifier: rejects }, /identifier .* failed \(no idea\)/],
  ['an identifier that gives an object', { identifier: answers({}) }, /identifier .*type object where a string/],
  ['a cost that throws', { cost: fails }, /cost .* failed \(no idea\)/],
  ['a cost of NaN', { cost: answers(NaN) }, /cost .*gave NaN where a number of at least 0/],
  ['a cost below 0', { cost: answers(-5) }, /cost .*gave -5/],
  ['a cost that is a promise', { cost: answers(Promise.resolve(1)) }, /cost .*gave \[object Promise\]/],
  ['a skipIf that throws', { skipIf: fails }, /skipIf .* failed \(no idea\)/],
  ['an override that throws', { override: fails }, /override .* failed \(no idea\)/],
  ['an override that rejects', { override: rejects }, /override .* failed \(no idea\)/],
  ['an override that gives a text', { override: answers('premium') }, /override .*must be an object, got "premium"/],
  ['an override that gives a list', { override: answers([]) }, /override .*must be an object, got an array/],
  [
    'an override with a number as text',
    { override: answers({ maxRequests: '9' }) },
    /maxRequests must be .*"9" \(string\)/,
  ],
  ['an override below 0', { override: answers({ windowSeconds: -1 }) }, /windowSeconds must be a number above 0/],
  ['an override with a misspelt option', { override: answers({ maxRequest: 9 }) }, /Did you mean "maxRequests"/],
  ['an override with burst and no gcra', { override: answers({ burst: 9 }) }, /burst is for algorithm 'gcra'/],
  ['an override with an m2m part', { override: answers({ m2m: {} }) }, /m2m is not an option/],
  ['an override with another override', { override: answers({ override: fails }) }, /override is not an option/],
  [
    'an override that turns requests in a window into requests at the same time',
    { override: answers({ algorithm: 'concurrency' }) },
    /algorithm cannot turn requests in a window into requests at the same time, or back/,
  ],
];

describe.each(ADAPTERS)('on %s', (adapter) => {
  let limited: Limited;
  afterEach(() => limited.app.close());
  const start = async (policy: RateLimitPolicy): Promise<void> => {
    limited = await startLimited(adapter, { controllers: [routeOf(policy)] });
  };
  const statusOf = async (user: string): Promise<number> => (await limited.ask('/r', { 'x-user': user })).status;
  const remainingOf = async (user: string): Promise<number> =>
    Number((await limited.ask('/r', { 'x-user': user })).headers.get('x-ratelimit-remaining'));

  it.each(FAILURES)(
    '%s: the call is limited by its address, and one warning says so',
    async (_what, policy, warning) => {
      await start(policy);
      const statuses = [await statusOf('ann'), await statusOf('bob'), await statusOf('cid')];
      expect(statuses).toEqual([200, 200, 429]);
      expect(limited.warnings).toEqual([expect.stringMatching(warning)]);
      expect(limited.warnings[0]).toContain('"default"');
      expect(limited.warnings[0]).toMatch(/limited by address\.$/);
      const identities = limited.events.flatMap((event) =>
        event.type === 'rate_limit.decided' ? [event.identity] : [],
      );
      expect(new Set(identities)).toEqual(new Set(['ip:127.0.0.1']));
    },
  );

  it('an override that turns requests at the same time into others: by address, and the place is given back', async () => {
    await start({ algorithm: 'concurrency', override: answers({ algorithm: 'gcra' }) });
    for (const user of ['ann', 'bob', 'cid', 'dan']) {
      const ended = limited.events.length;
      expect(await statusOf(user)).toBe(200);
      await until(() => limited.events.slice(ended).some(({ type }) => type === 'request.ended'), 'its end is told');
    }
    expect(limited.warnings).toEqual([expect.stringMatching(/algorithm cannot turn/)]);
  });

  it('a countWhen that throws: such calls count, and one warning says so', async () => {
    await start({ countWhen: fails });
    expect([await statusOf('ann'), await statusOf('ann'), await statusOf('ann')]).toEqual([200, 200, 429]);
    expect(limited.warnings).toEqual([expect.stringMatching(/countWhen .*no idea.*such calls count/)]);
  });

  it.each([
    ['at once', (found: unknown) => found],
    ['later', async (found: unknown) => found],
  ])('an override gives a caller other figures, %s, and nothing leaves those of the policy', async (_when, given) => {
    const figures = { maxRequests: 9, windowSeconds: 10 };
    await start({ override: ({ userId }) => given(userId === 'vip' ? figures : undefined) as never });
    expect(await remainingOf('vip')).toBe(8);
    expect(await remainingOf('ann')).toBe(1);
    const { headers } = await limited.ask('/r', { 'x-user': 'vip' });
    expect(headers.get('ratelimit-policy')).toBe('"default";q=9;w=10');
  });

  it('an override with another window counts apart, or the shorter would forget what the longer still counts', async () => {
    let isShort = false;
    await start({
      name: 'api',
      maxRequests: 2,
      windowSeconds: 3600,
      override: () => (isShort ? { windowSeconds: 1 } : {}),
    });
    let allowed = 0;
    for (let call = 0; call < 20; call++) {
      limited.clock.advance(2000);
      isShort = call % 2 === 1;
      const status = await statusOf('ann');
      if (!isShort && status === 200) allowed++;
    }
    expect(allowed).toBe(2);
  });

  it('a reset of the policy by its name reaches what an override counts apart', async () => {
    await start({ name: 'api', maxRequests: 1, override: () => ({ windowSeconds: 3600 }) });
    expect([await statusOf('ann'), await statusOf('ann')]).toEqual([200, 429]);
    await limited.service.reset({ user: 'ann' }, { name: 'api', maxRequests: 1 });
    expect(await statusOf('ann')).toBe(200);
    await limited.limiting.service.clearAll();
    expect(await statusOf('ann')).toBe(200);
  });

  it('skipIf spares a caller: neither counted nor asked, and told nothing', async () => {
    await start({ skipIf: ({ userId }) => userId === 'probe' });
    for (let call = 0; call < 5; call++) {
      const { status, headers } = await limited.ask('/r', { 'x-user': 'probe' });
      expect(status).toBe(200);
      expect(headers.has('ratelimit')).toBe(false);
    }
    expect(limited.events.some(({ type }) => type === 'rate_limit.decided')).toBe(false);
  });
});

describe('perIp', () => {
  it('a skipIf that throws spares nobody, and one warning says so', () => {
    const perIp = { maxRequests: 1, windowSeconds: 60, skipIf: fails };
    const { limiting, warnings } = makeLimiting({ perIp }, false);
    const check = (): unknown => limiting.perIp!.check('203.0.113.7', '/', 'GET', {});
    expect(check()).toBeUndefined();
    expect(check()).toMatchObject({ allowed: false, policy: 'per-ip' });
    expect(warnings).toEqual([expect.stringMatching(/perIp\.skipIf failed \(no idea\): such requests count/)]);
  });
});
