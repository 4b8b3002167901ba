import { IDENTITY_SERVICES } from './identity-services.js';
import { LARGE_PROVIDERS } from './large-providers.js';
import type { ProviderTokens } from './provider-tokens.js';
import { STANDARD } from './standard.js';
import { SUITES } from './suites.js';
import { WORKLOADS } from './workloads.js';

/**
 * What each provider puts into an access token, beside `iss`, `iat`, `exp`, `jti` and `aud`, as its documentation shows it, by
 * the names of the presets of `m2m.provider`.
 */
export const PROVIDER_TOKENS: Readonly<Record<string, ProviderTokens>> = {
  ...LARGE_PROVIDERS,
  ...STANDARD,
  ...IDENTITY_SERVICES,
  ...SUITES,
  ...WORKLOADS,
};
