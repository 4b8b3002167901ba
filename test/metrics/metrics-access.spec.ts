// Under test: MetricsAccess on requests that are plain objects.
import { describe, expect, it, jest } from '@jest/globals';
import { MetricsAccess } from '../../src/metrics/metrics-access.js';

const request = (authorization?: string) => ({ headers: { authorization } });

describe('a token', () => {
  const access = new MetricsAccess({ token: 'scrape-me' });

  it.each(['Bearer scrape-me', 'bearer scrape-me', 'BEARER   scrape-me '])('lets %p in', (authorization) => {
    expect(access.check(request(authorization))).toBe('allowed');
  });

  it.each([
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer scrape-m',
    'Bearer scrape-mee',
    'Bearer scrape-me scrape-me',
    'Bearer Scrape-me',
    'Basic scrape-me',
    'scrape-me',
    'Token scrape-me',
    'Bearer scrape-me, Bearer other',
    `Bearer ${'x'.repeat(100_000)}`,
  ])('keeps %p out', (authorization) => {
    expect(access.check(request(authorization))).toBe('unauthenticated');
  });
});

describe('authorize', () => {
  it('decides, at once or later, with the request it is given', async () => {
    const authorize = jest.fn((given: unknown) => given === first);
    const first = request();
    expect(new MetricsAccess({ authorize }).check(first)).toBe('allowed');
    expect(new MetricsAccess({ authorize }).check(request())).toBe('forbidden');
    await expect(new MetricsAccess({ authorize: async () => true }).check(first)).resolves.toBe('allowed');
    await expect(new MetricsAccess({ authorize: async () => false }).check(first)).resolves.toBe('forbidden');
  });

  it.each([undefined, null, 1, 'yes', { id: 'a user' }])(
    'means no by anything but true, such as %p',
    async (answer) => {
      const access = (authorize: () => unknown) => new MetricsAccess({ authorize: authorize as () => boolean });
      expect(await access(() => answer).check(request())).toBe('forbidden');
      expect(await access(async () => answer).check(request())).toBe('forbidden');
    },
  );

  it('means no when it fails, and tells of it', async () => {
    const errors: unknown[] = [];
    const told = (authorize: () => boolean | Promise<boolean>) =>
      new MetricsAccess({ authorize }, (error) => errors.push(error));
    const failure = new Error('no database');
    expect(
      told(() => {
        throw failure;
      }).check(request()),
    ).toBe('forbidden');
    expect(await told(() => Promise.reject(failure)).check(request())).toBe('forbidden');
    expect(errors).toEqual([failure, failure]);
  });

  it('is a second way in beside a token, and is not asked when the token fits', () => {
    const authorize = jest.fn(() => true);
    const access = new MetricsAccess({ token: 'scrape-me', authorize });
    expect(access.check(request('Bearer scrape-me'))).toBe('allowed');
    expect(authorize).not.toHaveBeenCalled();
    expect(access.check(request('Bearer of an administrator'))).toBe('allowed');
  });
});

it('lets everybody in with allowAnonymous, and nobody when nothing is said', () => {
  expect(new MetricsAccess({ allowAnonymous: true, token: 'scrape-me' }).check(request())).toBe('allowed');
  expect(new MetricsAccess({}).check(request('Bearer undefined'))).toBe('forbidden');
});
