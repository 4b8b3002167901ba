// Under test: what MetricsOptions takes, and when an endpoint may be mounted.
import { describe, expect, it } from '@jest/globals';
import { checkMetricsEndpoint, checkMetricsOptions } from '../../src/metrics/metrics.options.js';
import { OptionsError } from '../../src/options/options-error.js';

describe('checkMetricsOptions', () => {
  it('takes everything of API.md', () => {
    const options = {
      authorize: () => true,
      token: 'secret',
      allowAnonymous: false,
      maxErrorTypes: 0,
      errorTypes: ['mine'],
      identities: false,
      legacyNames: true,
    };
    expect(() => checkMetricsOptions(options, 'metrics')).not.toThrow();
    expect(() => checkMetricsOptions({ token: undefined }, 'metrics')).not.toThrow();
  });

  it.each([
    [{ maxErrorTypes: '64' }, 'metrics.maxErrorTypes must be a whole number'],
    [{ maxErrorTypes: 1.5 }, 'metrics.maxErrorTypes'],
    [{ maxErrorTypes: NaN }, 'metrics.maxErrorTypes'],
    [{ maxErrorTypes: 1e9 }, 'metrics.maxErrorTypes'],
    [{ errorTypes: 'mine' }, 'metrics.errorTypes must be an array'],
    [{ errorTypes: ['mine', ''] }, 'metrics.errorTypes[1] must be a string of 1 to 120 characters'],
    [{ errorTypes: ['x'.repeat(121)] }, 'metrics.errorTypes[0]'],
    [{ identities: 'mask' }, 'Did you mean "masked"?'],
    [{ identities: true }, 'metrics.identities'],
    [{ authorize: true }, 'metrics.authorize must be a function'],
    [{ allowAnonymous: 'true' }, 'metrics.allowAnonymous'],
    [{ legacyNames: 1 }, 'metrics.legacyNames'],
    [{ tokens: 'x' }, 'metrics.tokens is not an option'],
  ])('refuses %p, and says where', (options, message) => {
    expect(() => checkMetricsOptions(options, 'metrics')).toThrow(OptionsError);
    expect(() => checkMetricsOptions(options, 'metrics')).toThrow(message);
  });

  it.each(['', 'two words', 'from-a-file\n', 'tökén', 12345678, Buffer.from('12345678')])(
    'refuses a token that no header can carry, and does not show it: %p',
    (token) => {
      const check = (): void => checkMetricsOptions({ token }, 'metrics');
      expect(check).toThrow('metrics.token must be a string of visible ASCII characters');
      expect(check).not.toThrow(String(token).trim() || 'nothing to show');
    },
  );
});

describe('checkMetricsEndpoint', () => {
  it.each([undefined, {}, { allowAnonymous: false }, { token: undefined }, { legacyNames: true }])(
    'refuses to mount what nobody may read: %p',
    (options) => {
      const check = (): void => checkMetricsEndpoint(options, '/metrics');
      expect(check).toThrow(OptionsError);
      expect(check).toThrow(/\/metrics.*metrics\.token.*metrics\.authorize.*metrics\.allowAnonymous: true/);
    },
  );

  it.each([{ token: 'secret' }, { authorize: () => false }, { allowAnonymous: true }])(
    'lets %p be mounted',
    (options) => {
      expect(() => checkMetricsEndpoint(options, '/metrics')).not.toThrow();
    },
  );
});
