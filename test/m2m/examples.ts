import { readFileSync } from 'node:fs';

/** One documented set of claims, as in the fixture files beside this one. */
export interface TokenExample {
  readonly id: string;
  readonly provider: string;
  /** The truth; `other` is neither or undecidable, `invalid` is malformed. */
  readonly kind: 'm2m' | 'human' | 'other' | 'invalid';
  readonly claims: unknown;
  readonly expected_client_id: string | null;
  readonly expected_scopes: readonly string[];
  readonly source_url: string;
  readonly note: string;
  /** What it takes to get it right: the claims alone, the provider's preset, or what only the application knows. */
  readonly needs: 'none' | 'preset' | 'config';
  /** Further verdicts that are right as well. */
  readonly acceptable?: readonly string[];
}

const load = (name: string): readonly TokenExample[] =>
  JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as TokenExample[];

/** The examples of the field notes. */
export const examples = load('./examples.json');
/** Providers that are not in the first file. */
export const moreExamples = load('./more-examples.json');
/** Claim sets that were found in documentation and tests of others, each as published; names and keys are changed. */
export const foundExamples = load('./found-examples.json');

/** The preset somebody would configure for the provider of an example; the others have none and the neutral rule decides. */
export const PRESET_OF: Readonly<Record<string, string>> = {
  'AWS Cognito': 'cognito',
  'AWS Cognito identity pool': 'cognito',
  Auth0: 'auth0',
  'HashiCorp Cloud': 'auth0',
  Okta: 'okta',
  'Microsoft Entra ID': 'entra',
  'Azure AD B2C': 'azure-b2c',
  Keycloak: 'keycloak',
  Google: 'google',
  'Google IAP': 'google',
  Firebase: 'firebase',
  PingOne: 'ping',
  PingFederate: 'ping',
  'Ory Hydra': 'hydra',
  'Duende IdentityServer': 'duende',
  'Spring Authorization Server': 'spring',
  ZITADEL: 'zitadel',
  FusionAuth: 'fusionauth',
  Supabase: 'supabase',
  Clerk: 'clerk',
  WorkOS: 'workos',
  Logto: 'logto',
  Kinde: 'kinde',
  Stytch: 'stytch',
  Frontegg: 'frontegg',
  'Cloudflare Access': 'cloudflare-access',
  'WSO2 Identity Server': 'wso2',
  'Oracle Identity Domains': 'oracle',
  'IBM Cloud IAM': 'ibm-cloud',
  'SAP XSUAA': 'sap',
  'Cloud Foundry UAA': 'sap',
  'SAP Cloud Identity Services': 'sap',
  PingAM: 'pingam',
  authentik: 'authentik',
  OpenIddict: 'openiddict',
  Kubernetes: 'kubernetes',
  'GitHub Actions': 'github-actions',
  'GitLab CI': 'gitlab',
  GitLab: 'gitlab',
  SPIFFE: 'spiffe',
  'RFC 9068': 'rfc9068',
  'RFC 8693': 'rfc9068',
  'RFC 7523': 'rfc9068',
  'RFC 9396': 'rfc9068',
};

/** The verdicts that are right for an example. */
export function rightVerdicts({ kind, acceptable = [] }: TokenExample): readonly string[] {
  const truth = kind === 'm2m' || kind === 'human' ? kind : 'unknown';
  return [truth, ...acceptable];
}
