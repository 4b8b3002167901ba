import { claim, has } from '../claims-reader.js';
import { clientIsSubject, isServiceProfile } from './acting-for-itself.js';
import type { Rule, TokenView } from './rule.js';

/** `client_credentials` as RFC 6749 writes it, and `client-credentials` as Auth0 does. */
const isClientCredentials = (value: unknown): boolean =>
  value === 'client_credentials' || value === 'client-credentials';

/** Grants in which somebody is there; a token exchange or an assertion may be for either. */
const PERSON_GRANTS: readonly string[] = [
  ...['authorization_code', 'password', 'implicit', 'device_code', 'http://auth0.com/oauth/grant-type/password-realm'],
  ...['urn:ietf:params:oauth:grant-type:device_code', 'urn:openid:params:grant-type:ciba'],
];
const isPersonGrant = (value: unknown): boolean => typeof value === 'string' && PERSON_GRANTS.includes(value);

/** One grant, or the list of grants that led to this token; a list that mixes them says nothing. */
function everyGrant(value: unknown, accepts: (grant: unknown) => boolean): boolean {
  return Array.isArray(value) ? value.length > 0 && value.every(accepts) : accepts(value);
}

/** What names a user. Keycloak's service accounts have a `preferred_username`, which is none of these. */
const USER_NAMES: readonly string[] = ['user_name', 'user_id', 'username', 'email', 'upn'];

/**
 * A client that acts for itself is the subject, and nobody else is named. Auth0 writes the grant with a hyphen and says which
 * client it was; whoever copies that claim into tokens of their users does not.
 */
function isOfAnother(grant: unknown, { claims, subject: sub, client }: TokenView): boolean {
  if (sub === undefined || sub === client || sub.endsWith('@clients')) return false;
  if (isServiceProfile(claim(claims, 'sub_profile'))) return false;
  return (grant === 'client-credentials' && client === undefined) || USER_NAMES.some((name) => has(claims, name));
}

/** Step 3: the issuer's own word on the grant that led to the token. */
export const grantRules: readonly Rule[] = [
  {
    name: 'client-credentials-grant',
    says: 'machine',
    claims: ['gty', 'grant_type', 'grantType'],
    when: (value) => everyGrant(value, isClientCredentials),
    words: 'the grant was client credentials',
    source: 'https://www.rfc-editor.org/rfc/rfc6749.html#section-4.4',
    clientId: (token) => (isOfAnother(claim(token.claims, 'gty'), token) ? undefined : clientIsSubject(token)),
  },
  {
    name: 'client-grant-of-a-user',
    says: 'person-self',
    claims: ['gty', 'grant_type', 'grantType'],
    when: (value, token) => everyGrant(value, isClientCredentials) && isOfAnother(value, token),
    words: 'the grant was client credentials, yet the subject is not the client',
    source: 'https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2',
  },
  {
    name: 'person-grant',
    says: 'person',
    claims: ['gty', 'grant_type', 'grantType'],
    when: (value) => (Array.isArray(value) ? value.some(isPersonGrant) : isPersonGrant(value)),
    words: 'the grant needs a person',
    source: 'https://www.rfc-editor.org/rfc/rfc6749.html#section-4.1',
  },
];
