import { asClaims, claim, has, includes, named, objectClaim, textClaim } from '../claims-reader.js';
import * as pattern from '../subject-patterns.js';
import type { Rule } from './rule.js';

const RFC7519 = 'https://www.rfc-editor.org/rfc/rfc7519.html#section-4.1';

const isTextOrNull = (value: unknown): boolean => typeof value === 'string' || value === null;

function isTextList(value: unknown): boolean {
  if (typeof value === 'string') return true;
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) if (typeof value[index] !== 'string') return false;
  return true;
}

/** The kinds of token that open nothing by themselves, without case, hyphens and underscores: issuers spell them in many ways. */
const NO_CREDENTIAL: ReadonlySet<string> = new Set([
  ...['refresh', 'refreshtoken', 'rt', 'offline', 'logout', 'logouttoken'],
  ...['initialaccesstoken', 'registrationaccesstoken', 'clientregistration', 'clientassertion'],
  // One-time tokens of e-mails; Keycloak's action tokens among them.
  ...['emailverification', 'verifyemail', 'passwordreset', 'resetpassword', 'resetcredentials', 'executeactions'],
  ...['updateemail', 'magiclink', 'invitation', 'invite', 'orgivt'],
]);
const LONGEST_KIND = 40;

const opensNothing = (value: unknown): boolean =>
  typeof value === 'string' &&
  value.length <= LONGEST_KIND &&
  NO_CREDENTIAL.has((/[-_]/.test(value) ? value.replace(/[-_]/g, '') : value).toLowerCase());

/** Steps 1 and 2: what cannot be judged, and what stands for nobody. */
export const noCallerRules: readonly Rule[] = [
  {
    name: 'subject-type',
    says: 'malformed',
    claims: ['sub', 'iss', 'client_id', 'azp', 'appid', 'cid', 'clientId'],
    having: 'other',
    when: (value) => typeof value !== 'string',
    words: 'an identifier is not text',
    source: RFC7519,
  },
  {
    name: 'audience-type',
    says: 'malformed',
    claims: ['aud'],
    having: 'other',
    when: (value) => !isTextList(value),
    words: 'aud is neither text nor a list of texts',
    source: `${RFC7519}.3`,
  },
  {
    name: 'marker-type',
    says: 'malformed',
    claims: ['idtyp', 'sub_type', 'sub_profile', 'token_use', 'aut', 'sap_id_type', 'grant_type', 'typ'],
    having: 'other',
    when: (value) => typeof value !== 'string',
    words: 'a claim that states a kind is not text',
    source: RFC7519,
  },
  {
    name: 'grant-type',
    says: 'malformed',
    claims: ['gty'],
    having: 'other',
    when: (value) => !isTextList(value),
    words: 'gty is neither text nor a list of texts',
    source: RFC7519,
  },
  {
    name: 'name-type',
    says: 'malformed',
    claims: ['email', 'preferred_username', 'upn', 'given_name', 'family_name'],
    having: 'other',
    when: (value) => !isTextOrNull(value),
    words: 'a name or e-mail is not text',
    source: 'https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims',
  },
  {
    name: 'no-credential',
    says: 'no-caller',
    claims: [
      'typ',
      'type',
      'token_use',
      'token_type',
      'tokenType',
      'tokenName',
      'tok_type',
      'use',
      'purpose',
      'action',
    ],
    having: 'text',
    when: opensNothing,
    words: 'a refresh, logout or one-time token, not an access token',
    source: 'https://www.rfc-editor.org/rfc/rfc8725.html#section-3.11',
  },
  {
    name: 'security-event',
    says: 'no-caller',
    claims: ['events'],
    words: 'a security event or logout token',
    source: 'https://www.rfc-editor.org/rfc/rfc8417.html#section-2.2',
  },
  {
    name: 'authorization-request',
    says: 'no-caller',
    claims: ['response_type', 'redirect_uri', 'redirect_uris', 'code_challenge'],
    words: 'a request object or software statement',
    source: 'https://www.rfc-editor.org/rfc/rfc9101.html#section-4',
  },
  {
    name: 'proof',
    says: 'no-caller',
    claims: ['htu', 'sd_hash', 'sub_jwk', 'token_introspection', 'vp', 'vc', 'vct', 'status_list'],
    words: 'a proof, presentation or list, not an access token',
    source: 'https://www.rfc-editor.org/rfc/rfc9449.html#section-4.2',
  },
  {
    name: 'federation-statement',
    says: 'no-caller',
    claims: ['authority_hints', 'trust_mark_type', 'trust_mark_id', 'trust_chain', 'metadata_policy'],
    words: 'a statement about a member of a federation',
    source: 'https://openid.net/specs/openid-federation-1_0.html#name-entity-statement',
  },
  {
    name: 'firebase-custom-token',
    says: 'no-caller',
    claims: ['aud'],
    equals: ['https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit'],
    when: (_value, { claims }) => has(claims, 'uid'),
    words: 'a custom token, to be exchanged for an ID token',
    source: 'https://firebase.google.com/docs/auth/admin/create-custom-tokens',
  },
  {
    name: 'inactive',
    says: 'no-caller',
    claims: ['active'],
    when: (value) => value === false,
    words: 'introspection says the token is not active',
    source: 'https://www.rfc-editor.org/rfc/rfc7662.html#section-2.2',
  },
  {
    name: 'anonymous-user',
    says: 'no-caller',
    claims: ['is_anonymous', 'anonymous'],
    when: (value) => value === true,
    words: 'an anonymous user',
    source: 'https://supabase.com/docs/guides/auth/jwt-fields',
  },
  {
    name: 'anonymous-role',
    says: 'no-caller',
    claims: ['role'],
    equals: ['anon', 'anonymous'],
    when: (_value, { subject, claims }) => subject === undefined || !named(claim(claims, 'email')),
    words: 'the anonymous role',
    source: 'https://supabase.com/docs/guides/auth/jwt-fields',
  },
  {
    name: 'anonymous-sign-in',
    says: 'no-caller',
    claims: ['firebase'],
    when: (value) => {
      const firebase = asClaims(value);
      return firebase !== undefined && textClaim(firebase, 'sign_in_provider') === 'anonymous';
    },
    words: 'signed in anonymously',
    source: 'https://firebase.google.com/docs/auth/web/anonymous-auth',
  },
  {
    name: 'unauthenticated',
    says: 'no-caller',
    claims: ['amr'],
    when: (value) =>
      includes(value, 'unauthenticated') || includes(value, 'anonymous') || includes(value, 'appid_anon'),
    words: 'a guest identity',
    source: 'https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html',
  },
  {
    name: 'anonymous-subject',
    says: 'no-caller',
    claims: ['sub'],
    equals: ['anonymous', 'ANONYMOUS', 'anonymousUser', 'system:anonymous', 'anon', 'guest', 'unauthenticated'],
    words: 'the subject is nobody',
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests',
  },
  {
    name: 'subject-kind-neither',
    says: 'no-caller',
    claims: ['idtyp', 'sub_type', 'subject_type', 'sub_profile', 'type'],
    equals: ['device', 'anonymous', 'guest'],
    words: 'a device or a guest',
    source: 'https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims-reference',
  },
  {
    name: 'self-issued-identity',
    says: 'no-caller',
    claims: ['sub'],
    having: 'issuer',
    when: (value, { claims }) =>
      typeof value === 'string' && (pattern.isOwnKey(value) || objectClaim(claims, 'jwks') !== undefined),
    words: 'issued by its own subject: a wallet or a federation statement',
    source: 'https://openid.net/specs/openid-connect-self-issued-v2-1_0.html#name-self-issued-id-token',
  },
];
