// Real: the detector's own check of its options. Nothing is faked.
import { describe, expect, it } from '@jest/globals';
import { M2MTokenDetector } from '../../src/m2m/m2m-token-detector.js';
import { presetNames } from '../../src/m2m/presets/index.js';
import { OptionsError } from '../../src/options/options-error.js';

function messageOf(options: unknown): string {
  try {
    void new M2MTokenDetector(options as never);
  } catch (error) {
    if (error instanceof OptionsError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('the options', () => {
  it('may be left out', () => {
    expect(messageOf(undefined)).toBe('accepted');
    expect(messageOf({})).toBe('accepted');
    expect(messageOf({ provider: undefined, issuers: undefined, decide: undefined, unknown: undefined })).toBe(
      'accepted',
    );
  });

  it.each(presetNames().map((name) => [name]))('take the preset %s, by itself and in a profile', (provider) => {
    expect(messageOf({ provider })).toBe('accepted');
    expect(messageOf({ issuers: { 'https://i.example.com': { extends: provider } } })).toBe('accepted');
  });

  it('have every preset that was promised', () => {
    expect(presetNames()).toEqual(
      expect.arrayContaining([
        ...[
          'cognito',
          'auth0',
          'okta',
          'entra',
          'azure-b2c',
          'keycloak',
          'google',
          'firebase',
          'ping',
          'hydra',
          'duende',
        ],
        ...['spring', 'zitadel', 'fusionauth', 'supabase', 'clerk', 'workos', 'logto', 'kubernetes', 'spiffe'],
        ...['github-actions', 'gitlab', 'rfc9068'],
      ]),
    );
  });

  it.each<[unknown, string]>([
    [{ provider: 'keyclok' }, 'm2m.provider is not a known provider, got "keyclok" (string). Did you mean "keycloak"?'],
    [{ provider: 'Auth0' }, 'Did you mean "auth0"?'],
    [{ provider: 'constructor' }, 'm2m.provider is not a known provider'],
    [{ provider: 7 }, 'm2m.provider must be the name of a preset or a profile, got 7'],
    [
      { provider: { extends: 'okt' } },
      'm2m.provider.extends is not a known provider, got "okt" (string). Did you mean "okta"?',
    ],
    [{ provider: { extend: 'okta' } }, 'm2m.provider.extend is not an option. Did you mean "extends"?'],
    [{ providers: 'okta' }, 'm2m.providers is not an option. Did you mean "provider"?'],
    [{ issuers: { 'https://a.example.com': 'okt' } }, 'm2m.issuers["https://a.example.com"] is not a known provider'],
    [{ issuers: ['okta'] }, 'm2m.issuers must be an object of issuers, got an array of 1'],
    [{ issuers: { '': 'okta' } }, 'm2m.issuers key must be an issuer'],
    [{ decide: 'm2m' }, 'm2m.decide must be a function'],
    [{ unknown: 'refuse' }, 'm2m.unknown must be one of "deny", "allow"'],
    [{ provider: { clientIdClaims: [] } }, 'm2m.provider.clientIdClaims must be an array that is not empty'],
    [{ provider: { serviceAccounts: 'svc' } }, 'm2m.provider.serviceAccounts must be an array'],
    [
      { provider: { m2mWhen: [{ claim: 'a' }] } },
      'm2m.provider.m2mWhen[0] must be a claim rule with exactly one of equals',
    ],
    [{ provider: { m2mWhen: [{ claim: 'a', equals: 1, exists: true }] } }, 'It has 2.'],
    [{ provider: { m2mWhen: [{ equals: 1 }] } }, 'm2m.provider.m2mWhen[0].claim must be a string'],
    [
      { provider: { m2mWhen: [{ claim: 'a', equal: 1 }] } },
      'm2m.provider.m2mWhen[0].equal is not an option. Did you mean "equals"?',
    ],
    [
      { provider: { m2mWhen: [{ claim: 'a', equals: {} }] } },
      'm2m.provider.m2mWhen[0].equals must be a string, number or boolean',
    ],
    [
      { provider: { humanWhen: [{ claim: 'a', startsWith: '' }] } },
      'm2m.provider.humanWhen[0].startsWith must be a string',
    ],
    [
      { provider: { humanWhen: [{ claim: 'a', exists: 'yes' }] } },
      'm2m.provider.humanWhen[0].exists must be one of true, false',
    ],
    ['okta', 'm2m must be an object, got "okta" (string)'],
    [null, 'm2m must be an object, got null'],
  ])('refuse %j and say what to write instead', (options, message) => {
    expect(messageOf(options)).toContain(message);
  });
});
