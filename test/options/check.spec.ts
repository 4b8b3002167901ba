// Real: everything; these are plain functions.
import { describe, expect, it } from '@jest/globals';
import * as check from '../../src/options/check.js';
import { OptionsError } from '../../src/options/options-error.js';

function refusal(run: () => void): OptionsError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(OptionsError);
    return error as OptionsError;
  }
  throw new Error('nothing was refused');
}

describe('option checks', () => {
  const windowSeconds = check.number({ above: 0, max: 86_400 });

  it.each([0.001, 1, 86_400])('let a number in its range pass: %d', (value) => {
    expect(() => windowSeconds(value, 'x')).not.toThrow();
  });

  it.each([NaN, Infinity, -1, 0, 86_401])('refuse a number out of its range, and show it: %d', (value) => {
    const error = refusal(() => windowSeconds(value, 'rateLimit.default.windowSeconds'));
    expect(error.code).toBe('ERR_AUTH_SERVICES_OPTION_RANGE');
    expect(error.message).toBe(
      `rateLimit.default.windowSeconds must be a number above 0 and at most 86400, got ${value}.`,
    );
  });

  it('refuse a number that came as a string, and say why it did: the environment has only strings', () => {
    const error = refusal(() => windowSeconds('60', 'rateLimit.default.windowSeconds'));
    expect(error.code).toBe('ERR_AUTH_SERVICES_OPTION_TYPE');
    expect(error.message).toContain('rateLimit.default.windowSeconds must be a number');
    expect(error.message).toContain('got "60" (string)');
    expect(error.message).toContain('Number()');
  });

  it('refuse an unknown key with the nearest known one, because a misspelt option would be ignored', () => {
    const options = check.shape<{ windowSeconds?: number; maxRequests?: number }>({
      windowSeconds,
      maxRequests: check.number({ integer: true, min: 0 }),
    });
    const error = refusal(() => options({ windowSecond: 60 }, 'rateLimit.default'));
    expect(error.code).toBe('ERR_AUTH_SERVICES_OPTION_UNKNOWN');
    expect(error.message).toBe('rateLimit.default.windowSecond is not an option. Did you mean "windowSeconds"?');
    expect(refusal(() => options({ colour: 1 }, 'o')).message).toContain('Known: windowSeconds, maxRequests.');
    expect(() => options({ windowSeconds: undefined }, 'o')).not.toThrow();
  });

  it('take a key named like a method of every object for the unknown key that it is', () => {
    const options = check.shape<{ a?: boolean }>({ a: check.boolean });
    expect(refusal(() => options({ toString: 1 }, 'o')).code).toBe('ERR_AUTH_SERVICES_OPTION_UNKNOWN');
    expect(refusal(() => options(JSON.parse('{"__proto__":1}'), 'o')).code).toBe('ERR_AUTH_SERVICES_OPTION_UNKNOWN');
  });

  it('never show a secret, not even one that is refused', () => {
    const secret = check.secret(32);
    expect(refusal(() => secret('hunter2', 'audit.pseudonymKey')).message).not.toContain('hunter2');
    expect(refusal(() => secret(['hunter2'], 'audit.pseudonymKey')).message).not.toContain('hunter2');
    expect(() => secret('x'.repeat(32), 'audit.pseudonymKey')).not.toThrow();
  });

  it('say which field of an alternative is wrong, rather than that none fits', () => {
    const either = check.either(
      'false or { path }',
      check.oneOf(false),
      check.shape<{ path?: string }>({ path: check.string }),
    );
    expect(() => either(false, 'metricsEndpoint')).not.toThrow();
    expect(refusal(() => either({ path: 7 }, 'metricsEndpoint')).message).toContain('metricsEndpoint.path must be');
    expect(refusal(() => either(7, 'metricsEndpoint')).message).toContain('metricsEndpoint must be false or { path }');
  });

  it('keep a message short and on one line, whatever was given', () => {
    const error = refusal(() => check.boolean(`a\n${'x'.repeat(10_000)}`, 'isGlobal'));
    expect(error.message.length).toBeLessThan(200);
    expect(error.message).not.toContain('\n');
    for (const odd of [Symbol('s'), 10n, null, [], {}, () => 1, new Map(), Object.create(null)]) {
      expect(refusal(() => check.boolean(odd, 'isGlobal')).message).toContain('isGlobal must be true or false, got ');
    }
  });

  it.each([
    ['ture', 'true'],
    ['leagcy', 'legacy'],
    ['xyz', undefined],
  ])('suggest a slip of the fingers and nothing else: %s', (word, expected) => {
    expect(check.nearest(word, ['true', 'legacy', 'both'])).toBe(expected);
  });
});
