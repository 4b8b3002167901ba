import { claim, has, includes, named, text, textClaim } from '../claims-reader.js';
import * as pattern from '../subject-patterns.js';
import { isServiceAccountName, isServiceAccountSession } from './keycloak-claims.js';
import { subject, type Condition, type Rule, type TokenView } from './rule.js';
import { hasSignInTime } from './structure.js';

const OIDC_CORE = 'https://openid.net/specs/openid-connect-core-1_0.html';

/** How a person proves to be there (RFC 8176 section 2); keys and secrets prove a machine as well. */
const PERSON_METHODS: readonly string[] = [
  ...['pwd', 'mfa', 'otp', 'pin', 'sms', 'tel', 'fpt', 'face', 'iris', 'retina', 'vbm', 'hwk', 'swk', 'kba', 'sc'],
  ...[
    'user',
    'geo',
    'rba',
    'wia',
    'mca',
    'fed',
    'social',
    'email',
    'pop',
    'ngcmfa',
    'rsa',
    'password',
    'oauth',
    'totp',
    'magiclink',
  ],
];

function isPersonMethod(method: unknown): boolean {
  const name = typeof method === 'object' && method !== null ? (method as { method?: unknown }).method : method;
  return typeof name === 'string' && PERSON_METHODS.includes(name);
}

/** Some issuers repeat the client as the user's name; others name their service accounts. Neither names a person. */
function namesPerson(value: unknown, { client }: TokenView): boolean {
  if (!named(value)) return false;
  return typeof value !== 'string' || (value !== client && !isServiceLike(value));
}

/** https://docs.goauthentik.io/add-secure-apps/providers/oauth2/machine_to_machine/ for the suffix. */
const isServiceLike = (name: string): boolean =>
  isServiceAccountName(name) || pattern.endsIn(name, '-client_credentials') || pattern.isAdobeTechnicalAccount(name);

const hasSubject: Condition = (_value, token) => token.subject !== undefined;

const isPersonsEmail = (value: unknown): value is string =>
  typeof value === 'string' &&
  pattern.isEmail(value) &&
  !pattern.hasGoogleServiceDomain(value) &&
  !pattern.isAdobeTechnicalAccount(value);

/** An issuer may write an address as a URI (RFC 7523 section 4); the contact of a push service (RFC 8292) has no issuer. */
function withoutMailto(sub: string, issuer: string | undefined): string {
  return issuer !== undefined && pattern.beginsIn(sub, 'mailto:') ? sub.slice('mailto:'.length) : sub;
}

/** Steps 3 to 5: what tells that somebody is there. */
export const personSignRules: readonly Rule[] = [
  {
    name: 'id-token',
    says: 'id-token',
    claims: ['nonce', 'at_hash', 'c_hash', 's_hash'],
    when: named,
    words: 'an ID token of a sign-in',
    source: `${OIDC_CORE}#IDToken`,
  },
  {
    name: 'id-token-use',
    says: 'id-token',
    claims: ['token_use', 'typ', 'tokenType'],
    equals: ['id', 'ID', 'id-token', 'id_token'],
    words: 'the issuer says it is an ID token',
    source:
      'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html',
  },
  {
    name: 'session-id',
    says: 'session',
    claims: ['sid', 'session_id', 'sessionId', 'sessionHandle'],
    // Keycloak's older releases open a session for a client, too.
    when: (value, { claims }) => named(value) && !isServiceAccountSession(claims),
    words: 'a sign-in session',
    source: 'https://openid.net/specs/openid-connect-frontchannel-1_0.html#OPLogout',
  },
  {
    name: 'session-state',
    says: 'sign-in',
    claims: ['session_state'],
    when: (value, { claims }) => named(value) && !isServiceAccountSession(claims),
    words: 'a session at the issuer',
    source: 'https://openid.net/specs/openid-connect-session-1_0.html#CreatingUpdatingSessions',
  },
  {
    name: 'sign-in-method',
    says: 'sign-in',
    claims: ['amr'],
    when: (value) => (Array.isArray(value) ? value.some(isPersonMethod) : isPersonMethod(value)),
    words: 'authenticated as a person is',
    source: 'https://www.rfc-editor.org/rfc/rfc8176.html#section-2',
  },
  {
    name: 'identity-pool',
    says: 'sign-in',
    claims: ['amr'],
    when: (value) => includes(value, 'authenticated'),
    words: 'an identity that has signed in',
    source: 'https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html',
  },
  {
    name: 'vector-of-trust',
    says: 'sign-in',
    claims: ['vot'],
    having: 'text',
    when: (value) => text(value) !== undefined,
    words: 'how well a person was identified',
    source: 'https://www.rfc-editor.org/rfc/rfc8485.html#section-3.1',
  },
  {
    name: 'sign-in-time',
    says: 'sign-in',
    claims: ['auth_time'],
    when: (value, { claims }) => hasSignInTime(value) && claim(claims, 'token_use') !== 'access',
    words: 'the time of a sign-in',
    source: 'https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2.1',
  },
  {
    name: 'service-account-name',
    says: 'doubt',
    claims: ['preferred_username', 'username', 'sub'],
    begins: ['service-account-'],
    ends: ['-client_credentials', '@techacct.adobe.com'],
    when: (value) => typeof value === 'string' && isServiceLike(value),
    words: 'named like a service account, which anybody may be',
    source: 'https://www.keycloak.org/docs/latest/server_admin/#_service_accounts',
  },
  {
    name: 'foreign-service-email',
    says: 'doubt',
    claims: ['email'],
    ends: ['.gserviceaccount.com'],
    words: "a Google service account's address, not from Google",
    source: 'https://cloud.google.com/iam/docs/service-account-types',
  },
  {
    name: 'user-name',
    says: 'person-name',
    claims: [
      ...['preferred_username', 'username', 'user_name', 'userName', 'Username', 'login', 'upn', 'unique_name'],
      ...['user_id', 'userId', 'uid', 'user_uuid', 'xero_userid', 'identity_id', 'fhirUser', 'patient'],
    ],
    when: namesPerson,
    words: 'a user is named',
    source: `${OIDC_CORE}#StandardClaims`,
  },
  {
    name: 'personal-name',
    says: 'person-self',
    claims: ['given_name', 'family_name', 'middle_name', 'nickname', 'birthdate', 'gender', 'phone_number', 'address'],
    when: (value) => value !== '' && value !== false,
    words: 'personal data',
    source: `${OIDC_CORE}#StandardClaims`,
  },
  {
    name: 'email-subject',
    says: 'person-self',
    claims: ['sub'],
    having: '@',
    when: (_value, { subject: sub, issuer }) => sub !== undefined && isPersonsEmail(withoutMailto(sub, issuer)),
    words: 'the subject is an e-mail address',
    source: `${OIDC_CORE}#StandardClaims`,
  },
  {
    name: 'connection-subject',
    says: 'person-self',
    claims: ['sub'],
    having: '|',
    when: subject(pattern.isConnectionUser),
    words: 'the subject is a user of a connection',
    source: 'https://auth0.com/docs/manage-users/user-accounts/identify-users',
  },
  {
    name: 'typed-user-subject',
    says: 'person-self',
    claims: ['sub'],
    begins: pattern.USER_PREFIXES,
    when: subject(pattern.isTypedUser),
    words: 'the subject is the id of a user by its prefix',
    source: 'https://workos.com/docs/authkit/connect/token-claims',
  },
  {
    name: 'email',
    says: 'person-name',
    claims: ['email'],
    having: 'text',
    when: isPersonsEmail,
    words: 'an e-mail address',
    source: `${OIDC_CORE}#StandardClaims`,
  },
  {
    name: 'user-session',
    says: 'person-sign',
    claims: [
      'origin_jti',
      'device_key',
      'cognito:groups',
      'identities',
      'federated_claims',
      'identity_nonce',
      'authenticationType',
    ],
    when: (value) => value !== '',
    words: 'the trace of a sign-in',
    source:
      'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html',
  },
  {
    name: 'profile',
    says: 'person-sign',
    claims: ['picture', 'profile', 'website', 'zoneinfo', 'locale'],
    having: 'text',
    when: (value) => text(value) !== undefined,
    words: 'part of a profile',
    source: `${OIDC_CORE}#StandardClaims`,
  },
  {
    name: 'cognito-user-scope',
    says: 'person-sign',
    scopes: ['aws.cognito.signin.user.admin'],
    words: 'a scope that only a signed-in user gets',
    source: 'https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html',
  },
  {
    name: 'openid-scope',
    says: 'person-sign',
    scopes: ['openid'],
    // Without a subject there is nobody for OpenID Connect to be about.
    when: hasSubject,
    words: 'the openid scope',
    source: `${OIDC_CORE}#AuthRequest`,
  },
  {
    name: 'offline-scope',
    says: 'person-sign',
    scopes: ['offline_access', 'offline', 'refresh_token'],
    when: hasSubject,
    words: 'a scope to act while a user is away',
    source: `${OIDC_CORE}#OfflineAccess`,
  },
  {
    name: 'hosted-domain',
    says: 'person-sign',
    claims: ['hd'],
    when: (value, { claims }) => named(value) && (has(claims, 'email') || textClaim(claims, 'sub') !== undefined),
    words: 'a Google Workspace account',
    source: 'https://developers.google.com/identity/openid-connect/openid-connect',
  },
];
