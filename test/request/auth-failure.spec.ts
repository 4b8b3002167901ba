// Real: jsonwebtoken, whose errors are what passport-jwt hands on. Faked: nothing.
import { describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { authFailureLeftOn } from '../../src/request/auth-failure.js';

const KEY = 'a secret of at least thirty-two bytes';
const sign = (claims: object, options: jwt.SignOptions = {}, key = KEY) => jwt.sign(claims, key, options);

describe('the reason that passport leaves behind', () => {
  it.each<[string, string, jwt.VerifyOptions, string]>([
    ['an expired token', sign({ exp: 1 }), {}, 'expired_token'],
    ['a token of the future', sign({ nbf: 9_999_999_999 }), {}, 'not_active'],
    ['another key', sign({}, {}, `another${KEY}`), {}, 'invalid_signature'],
    ['no signature', `${sign({}).split('.').slice(0, 2).join('.')}.`, {}, 'invalid_signature'],
    ['another algorithm', sign({}), { algorithms: ['HS512'] }, 'algorithm'],
    ['another audience', sign({}, { audience: 'b' }), { audience: 'a' }, 'audience'],
    ['another issuer', sign({}, { issuer: 'b' }), { issuer: 'a' }, 'issuer'],
    ['no token at all', 'x', {}, 'malformed'],
  ])('is told in our own words: %s', (_what, token, options, category) => {
    let error: unknown;
    try {
      jwt.verify(token, KEY, options);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(Error);
    expect(authFailureLeftOn({ authInfo: error })).toBe(category);
  });

  it('is "missing" where passport-jwt found no token, which is no failed validation', () => {
    expect(authFailureLeftOn({ authInfo: new Error('No auth token') })).toBe('missing');
  });

  it.each([
    undefined,
    null,
    {},
    { authInfo: undefined },
    { authInfo: 'text' },
    { authInfo: { message: 7 } },
    { authInfo: new Error('x') },
  ])('is not guessed from anything else: %p', (request) => {
    expect(authFailureLeftOn(request)).toBeUndefined();
  });
});
