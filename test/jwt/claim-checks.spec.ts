import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { checkClaims, type ClaimRules } from '../../src/jwt/claim-checks.js';

const NOW = 1_800_000_000;
const rules = (extra: Partial<ClaimRules> = {}): ClaimRules => ({
  audiences: new Set(['api']),
  maxAgeSeconds: undefined,
  toleranceSeconds: 0,
  ...extra,
});
const check = (claims: object, extra: Partial<ClaimRules> = {}, now = NOW) =>
  checkClaims({ exp: NOW + 60, aud: 'api', ...claims }, rules(extra), now);
const passes = { activeFrom: expect.any(Number), expiresAt: expect.any(Number) };

describe('checkClaims', () => {
  it('agrees with RFC 7519, written down slowly, on every mix of times', () => {
    const around = fc.option(fc.integer({ min: -20, max: 20 }), { nil: undefined });
    const times = fc.record({
      exp: fc.integer({ min: -20, max: 20 }),
      nbf: around,
      iat: around,
      maxAge: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
      tolerance: fc.integer({ min: 0, max: 10 }),
      offset: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    fc.assert(
      fc.property(times, ({ exp, nbf, iat, maxAge, tolerance, offset }) => {
        const at = (value: number | undefined) => (value === undefined ? undefined : NOW + value);
        const now = NOW + offset;
        const found = check(
          { exp: at(exp), nbf: at(nbf), iat: at(iat) },
          { maxAgeSeconds: maxAge, toleranceSeconds: tolerance },
          now,
        );
        const tooOld = maxAge !== undefined && iat !== undefined && now >= NOW + iat + maxAge + tolerance;
        const early = [nbf, iat].some((value) => value !== undefined && now < NOW + value - tolerance);
        const expected =
          maxAge !== undefined && iat === undefined
            ? 'claims'
            : now >= NOW + exp + tolerance || tooOld
              ? 'expired_token'
              : early
                ? 'not_active'
                : passes;
        expect(found).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the very seconds between which the token counts, because the cache asks no more than these', () => {
    const claims = { exp: NOW + 60, nbf: NOW - 10, iat: NOW - 5, aud: 'api' };
    const found = checkClaims(claims, rules({ toleranceSeconds: 2, maxAgeSeconds: 30 }), NOW);
    expect(found).toEqual({ activeFrom: NOW - 7, expiresAt: NOW + 27 });
  });

  it.each([
    ['exp', undefined],
    ['exp', null],
    ['exp', String(NOW + 60)],
    ['exp', true],
    ['exp', [NOW + 60]],
    ['exp', { valueOf: 1 }],
    ['exp', Number.NaN],
    ['exp', Number.POSITIVE_INFINITY],
    ['exp', (NOW + 60) * 1000],
    ['nbf', String(NOW)],
    ['nbf', null],
    ['nbf', Number.NEGATIVE_INFINITY],
    ['iat', 'yesterday'],
    ['iat', Number.NaN],
    ['sub', 7],
    ['sub', null],
    ['sub', ['a']],
  ])('refuses a claim %s of %p, which no issuer may give', (claim, value) => {
    expect(check({ [claim]: value })).toBe('claims');
  });

  it.each([
    ['the one configured', { aud: 'api' }, true],
    ['one of several', { aud: ['other', 'api'] }, true],
    ['another one', { aud: 'other' }, false],
    ['one that starts alike', { aud: 'api2' }, false],
    ['one in other case', { aud: 'API' }, false],
    ['one with a space', { aud: 'api ' }, false],
    ['a list in one text', { aud: 'other api' }, false],
    ['nobody', { aud: [] }, false],
    ['a list with something else in it', { aud: ['api', 7] }, false],
    ['a list of lists', { aud: [['api']] }, false],
    ['an object', { aud: { api: true } }, false],
    ['null', { aud: null, client_id: 'api' }, false],
    ['the client, where there is no aud', { aud: undefined, client_id: 'api' }, true],
    ['another client', { aud: undefined, client_id: 'other' }, false],
    ['a list of clients', { aud: undefined, client_id: ['api'] }, false],
    ['the client, where aud says otherwise', { aud: 'other', client_id: 'api' }, false],
    ['neither', { aud: undefined }, false],
  ])('an audience that is %s', (_what, claims, accepted) => {
    expect(check(claims)).toEqual(accepted ? passes : 'audience');
    expect(check(claims, { audiences: null })).toEqual(passes);
  });
});
