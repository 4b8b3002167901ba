// Real: everything; these are plain functions, and the limiter with its memory. What is asked: can a caller choose an
// identifier that is somebody else's, that is no line of text, or that costs memory?
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { identityText, type IdentityKind } from '../../src/rate-limit/identity.js';
import type { RateLimitIdentity } from '../../src/rate-limit/rate-limit.policy.js';
import { RateLimiter } from '../../src/rate-limit/rate-limiter.js';

const KINDS: readonly IdentityKind[] = ['user', 'client', 'ip', 'key'];
const HASHED = 'user~'.length + 43;

/** What is chosen by somebody who wants to be counted as another, or not at all. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom('a', ':', '|', '~', '%', '\u0000', '\n', '\ud800', '\udc00', ' ') }),
  fc.string({ minLength: 250, maxLength: 260 }),
);

describe('an identifier', () => {
  it('that differs, in kind or in text, is another: no two share a counter', () => {
    const pair = fc.record({ kind: fc.constantFrom(...KINDS), value: hostile });
    fc.assert(
      fc.property(pair, pair, (one, other) => {
        const isSame = one.kind === other.kind && one.value === other.value;
        expect(identityText(one.kind, one.value) === identityText(other.kind, other.value)).toBe(isSame);
      }),
      { numRuns: 2000 },
    );
  });

  it('is one line of bounded text without control characters or lone surrogates, whatever it was', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), hostile, (kind, value) => {
        const text = identityText(kind, value);
        expect(text.length).toBeLessThanOrEqual(kind.length + 1 + 256);
        // oxlint-disable-next-line no-control-regex -- that there is none is the promise
        expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
        expect(Buffer.from(text).toString()).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['empty', '', 'user:'],
    ['ordinary', 'auth0|64f', 'user:auth0|64f'],
    ['not ASCII', 'Zoë', 'user:Zoë'],
  ])('that is %s is kept as it is', (_what, value, text) => {
    expect(identityText('user', value)).toBe(text);
  });

  it.each([
    ['enormous', 'x'.repeat(5_000_000)],
    ['of two lines', 'alice\nuser:bob'],
    ['ended by a NUL', 'alice\u0000'],
    ['an escape sequence', '\u001b[2J'],
    ['half of a pair', '\ud83d'],
  ])('that is %s is hashed', (_what, value) => {
    expect(identityText('user', value)).toMatch(/^user~[\w-]{43}$/);
    expect(identityText('user', value)).toHaveLength(HASHED);
  });
});

describe('a limiter', () => {
  const spent = (first: RateLimitIdentity, second: RateLimitIdentity): boolean => {
    const limiter = new RateLimiter({ maxRequests: 1 });
    void limiter.consume(first);
    const decision = limiter.consume(second);
    if (decision instanceof Promise) throw new Error('memory answers at once');
    return !decision.allowed;
  };

  it.each<[RateLimitIdentity, RateLimitIdentity]>([
    ['42', { user: '42' }],
    [{ user: '42' }, { client: '42' }],
    [{ user: '203.0.113.7' }, { ip: '203.0.113.7' }],
    ['user:42', { user: '42' }],
    [{ user: 'a:b' }, { user: 'a' }],
    ['', ' '],
    ['alice', 'Alice'],
    ['x'.repeat(257), 'x'.repeat(258)],
    [{ ip: '2001:db8:1:2::1' }, { ip: '2001:db8:1:3::1' }],
  ])('counts %j and %j apart', (one, other) => {
    expect(spent(one, other)).toBe(false);
    expect(spent(one, one)).toBe(true);
  });

  it.each<[RateLimitIdentity, RateLimitIdentity]>([
    [{ ip: '203.0.113.7' }, { ip: '::ffff:203.0.113.7' }],
    [{ ip: '2001:db8:1:2::1' }, { ip: '2001:DB8:1:2:ffff::9' }],
    [{ user: 42 as never }, { user: '42' }],
  ])('counts %j and %j as one', (one, other) => {
    expect(spent(one, other)).toBe(true);
  });
});
