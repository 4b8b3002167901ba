import { asClaims, has, named, textClaim } from '../claims-reader.js';
import * as pattern from '../subject-patterns.js';
import { isServiceAccountSession, keycloakGrant, KEYCLOAK_SESSIONS } from './keycloak-claims.js';
import { clientIsSubject, isServiceProfile } from './acting-for-itself.js';
import { subject, type Rule } from './rule.js';

const SERVICE_TYPES: readonly string[] = [
  ...['application', 'service', 'service_account', 'service_principal', 'ServiceId'],
];
const isServiceType = (value: unknown): boolean => typeof value === 'string' && SERVICE_TYPES.includes(value);

const SERVICE_ACCOUNTS: readonly string[] = [
  ...[
    'service_account',
    'service-account',
    'serviceAccount',
    'service_principal',
    'ServicePrincipal',
    'machine',
    'm2m',
  ],
];

/** Its own domains; behind another one its tokens name the client besides, and the structure tells. */
const isWorkOs = (issuer: string | undefined): boolean =>
  issuer !== undefined && (issuer.endsWith('.authkit.app') || issuer.startsWith('https://api.workos.com'));

/** Step 3: the issuer's own word on whom the token is for, exact values only. */
export const statedRules: readonly Rule[] = [
  {
    name: 'subject-kind-client',
    says: 'machine',
    claims: ['idtyp', 'sap_id_type'],
    equals: ['app'],
    words: 'the issuer says the subject is an application',
    source: 'https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims-reference',
  },
  {
    name: 'subject-type-client',
    says: 'machine',
    claims: ['sub_type', 'subject_type'],
    having: 'text',
    when: (value, { claims, client }) =>
      value === 'client' ? client !== undefined && !has(claims, 'email') : isServiceType(value),
    words: 'the issuer says the subject is a client or service',
    source: 'https://docs.oracle.com/en-us/iaas/Content/Identity/api-getstarted/AccessToken.htm',
  },
  {
    name: 'subject-profile-service',
    says: 'machine',
    claims: ['sub_profile'],
    having: 'text',
    when: isServiceProfile,
    words: 'the issuer says the subject is a service or an AI agent that acts for itself',
    source: 'https://datatracker.ietf.org/doc/draft-mora-oauth-entity-profiles/',
  },
  {
    name: 'client-type-of-a-user',
    says: 'person-self',
    claims: ['sub_type', 'subject_type'],
    equals: ['client'],
    // In a shop's own tokens a "client" is a customer, and client_id the customer's number.
    when: (_value, { subject: sub, client }) => sub === undefined || sub !== client,
    words: 'the subject is said to be a client, and is not the client',
    source: 'https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2',
  },
  {
    name: 'application-token',
    says: 'machine',
    claims: ['aut'],
    equals: ['APPLICATION', 'AGENT'],
    // Seen on a person's token too; one that carries a name is not believed.
    when: (_value, { claims }) => !['username', 'given_name', 'family_name', 'email'].some((name) => has(claims, name)),
    words: 'issued to an application or an agent, not to one of its users',
    source: 'https://is.docs.wso2.com/en/latest/references/token-types/',
  },
  {
    name: 'tenant-token',
    says: 'machine',
    claims: ['type'],
    equals: ['tenantApiToken', 'tenantAccessToken'],
    words: 'an API token of a tenant, not of a user',
    source: 'https://developers.frontegg.com/ciam/guides/authentication/api-tokens',
    clientId: clientIsSubject,
  },
  {
    name: 'casdoor-application',
    says: 'machine',
    claims: ['type'],
    equals: ['application'],
    when: (_value, { claims, client }) => client !== undefined && !has(claims, 'email'),
    words: 'the account of an application',
    source: 'https://casdoor.org/docs/how-to-connect/oauth/#client-credentials-grant',
  },
  {
    name: 'account-kind-service',
    says: 'machine',
    claims: ['type', 'user_type', 'userType', 'account_type', 'principal_type', 'token_type'],
    // Only what can mean nothing else: a "client" is a customer in many a business, `type: app` is on people's tokens, and
    // Webex calls bots, guests and rooms machines (https://github.com/ObjectIsAdvantag/webex-guestissuer).
    equals: SERVICE_ACCOUNTS,
    when: (_value, { claims }) => !has(claims, 'machine_type'),
    words: 'the issuer says it is a service account',
    source: 'https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2.3.1',
  },
  {
    name: 'auth0-client-subject',
    says: 'machine',
    claims: ['sub'],
    ends: ['@clients'],
    when: (_value, { subject: sub, client }) => {
      const stated = sub === undefined ? undefined : pattern.auth0Client(sub);
      return stated !== undefined && (client === undefined || client === stated);
    },
    words: 'the subject is a client by its suffix',
    source: 'https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles',
    clientId: clientIsSubject,
  },
  {
    name: 'pingam-client-subject',
    says: 'machine',
    claims: ['sub'],
    begins: ['(age!'],
    when: subject((sub) => pattern.pingAmClient(sub) !== undefined),
    words: 'the subject is an OAuth client by its form',
    source: 'https://docs.pingidentity.com/pingam/7.5/oauth2-guide/oauth2-client-cred-grant.html',
    clientId: ({ subject: sub }) => (sub === undefined ? undefined : pattern.pingAmClient(sub)),
  },
  {
    name: 'typed-machine-subject',
    says: 'machine',
    claims: ['sub'],
    begins: pattern.MACHINE_PREFIXES,
    when: subject(pattern.isTypedMachine),
    words: 'the subject is the id of a machine by its prefix',
    source: 'https://clerk.com/docs/guides/development/machine-auth/m2m-tokens',
    clientId: clientIsSubject,
  },
  {
    name: 'workos-client-subject',
    says: 'machine',
    claims: ['sub'],
    begins: pattern.CLIENT_PREFIXES,
    when: (_value, { subject: sub, issuer }) => sub !== undefined && isWorkOs(issuer) && pattern.isTypedClient(sub),
    words: 'the subject is the id of an application by its prefix',
    source: 'https://workos.com/docs/authkit/connect/token-claims',
    clientId: clientIsSubject,
  },
  {
    name: 'stytch-client-subject',
    says: 'machine',
    claims: ['sub'],
    begins: ['m2m-client-'],
    when: subject(pattern.isStytchClient),
    words: 'the subject is an M2M client by its prefix',
    source: 'https://stytch.com/docs/api/get-m2m-token',
    clientId: clientIsSubject,
  },
  {
    name: 'keycloak-client-credentials',
    says: 'machine',
    claims: ['jti'],
    begins: KEYCLOAK_SESSIONS,
    when: (value) => keycloakGrant(value) === 'cc',
    words: 'the token id says client credentials',
    source:
      'https://github.com/keycloak/keycloak/blob/main/services/src/main/java/org/keycloak/protocol/oidc/encode/DefaultTokenContextEncoderProvider.java',
  },
  {
    name: 'keycloak-service-account',
    says: 'machine',
    claims: ['preferred_username'],
    begins: ['service-account-'],
    when: (_value, token) => isServiceAccountSession(token.claims),
    words: "the service account of the token's own client",
    source: 'https://www.keycloak.org/docs/latest/server_admin/#_service_accounts',
  },
  {
    name: 'subject-kind-user',
    says: 'person',
    claims: ['idtyp', 'sub_type', 'subject_type', 'sap_id_type', 'sub_profile'],
    equals: ['user'],
    words: 'the issuer says the subject is a user',
    source: 'https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims-reference',
  },
  {
    name: 'application-user-token',
    says: 'person',
    claims: ['aut'],
    equals: ['APPLICATION_USER'],
    words: "issued to an application's user",
    source: 'https://is.docs.wso2.com/en/latest/references/token-types/',
  },
  {
    name: 'user-token',
    says: 'person',
    claims: ['type'],
    equals: ['userToken'],
    words: "a user's token",
    source: 'https://developers.frontegg.com/ciam/guides/authentication/api-tokens',
  },
  {
    name: 'pingam-user-subject',
    says: 'person',
    claims: ['sub'],
    begins: ['(usr!'],
    when: subject(pattern.isPingAmUser),
    words: 'the subject is a user by its form',
    source: 'https://docs.pingidentity.com/pingam/7.5/oauth2-guide/oauth2-client-cred-grant.html',
  },
  {
    name: 'keycloak-authorization-code',
    says: 'person',
    claims: ['jti'],
    begins: KEYCLOAK_SESSIONS,
    when: (value) => keycloakGrant(value) === 'ac',
    words: 'the token id says authorization code',
    source:
      'https://github.com/keycloak/keycloak/blob/main/services/src/main/java/org/keycloak/protocol/oidc/encode/DefaultTokenContextEncoderProvider.java',
  },
  {
    name: 'entra-delegated-permission',
    says: 'person',
    claims: ['scp'],
    having: 'text',
    when: (value, { claims, issuer }) =>
      typeof value === 'string' &&
      named(value) &&
      has(claims, 'tid') &&
      (has(claims, 'appid') || has(claims, 'azp')) &&
      // Azure AD B2C writes the permissions of applications there, too.
      issuer?.includes('.b2clogin.com') !== true,
    words: 'delegated permissions: only on behalf of a user',
    source: 'https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference',
  },
  {
    name: 'b2c-user-flow',
    says: 'person',
    claims: ['tfp', 'acr'],
    begins: ['b2c_1', 'b2C_1', 'B2c_1', 'B2C_1'],
    words: 'issued by a user flow',
    source: 'https://learn.microsoft.com/en-us/azure/active-directory-b2c/tokens-overview',
  },
  {
    name: 'cognito-user',
    says: 'person',
    claims: ['cognito:username'],
    when: named,
    words: 'a user of the pool',
    source:
      'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html',
  },
  {
    name: 'firebase-sign-in',
    says: 'person',
    claims: ['firebase'],
    when: (value) => {
      const firebase = asClaims(value);
      return firebase !== undefined && textClaim(firebase, 'sign_in_provider') !== undefined;
    },
    words: 'signed in through Firebase',
    source: 'https://firebase.google.com/docs/auth/admin/verify-id-tokens',
  },
];
