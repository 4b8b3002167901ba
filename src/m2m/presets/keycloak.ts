import { claim, has, textClaim } from '../claims-reader.js';
import { isServiceAccountName, isServiceAccountSession, keycloakGrant } from '../rules/keycloak-claims.js';
import { issuerHas, type Preset } from './preset.js';

const SERVICE_ACCOUNTS = 'https://www.keycloak.org/docs/latest/server_admin/#_service_accounts';
const LIGHTWEIGHT = 'https://www.keycloak.org/docs/latest/server_admin/#_using_lightweight_access_token';
const TOKEN_IDS =
  'https://github.com/keycloak/keycloak/blob/main/services/src/main/java/org/keycloak/protocol/oidc/encode/DefaultTokenContextEncoderProvider.java';

export const keycloak: Preset = {
  name: 'keycloak',
  title: 'Keycloak, Red Hat build of Keycloak',
  sources: [SERVICE_ACCOUNTS, LIGHTWEIGHT, TOKEN_IDS],
  clientIdClaims: ['azp', 'client_id', 'clientId'],
  rules: [
    {
      name: 'service-account-id-token',
      kind: 'unknown',
      claims: ['typ'],
      when: ({ claims }) => claim(claims, 'typ') === 'ID' && isServiceAccountSession(claims),
      words: 'an ID token of a service account, which is no access token',
    },
    {
      name: 'id-token',
      kind: 'human',
      claims: ['typ'],
      when: ({ claims }) => claim(claims, 'typ') === 'ID',
      words: 'an ID token',
    },
    {
      name: 'client-credentials',
      kind: 'm2m',
      claims: ['jti'],
      when: ({ claims }) => keycloakGrant(claim(claims, 'jti')) === 'cc',
      words: 'the token id says client credentials',
      source: TOKEN_IDS,
    },
    {
      name: 'authorization-code',
      kind: 'human',
      claims: ['jti'],
      when: ({ claims }) => keycloakGrant(claim(claims, 'jti')) === 'ac',
      words: 'the token id says authorization code',
      source: TOKEN_IDS,
    },
    {
      name: 'service-account',
      kind: 'm2m',
      claims: ['preferred_username'],
      when: ({ claims }) => isServiceAccountSession(claims),
      words: "the service account of the token's own client",
    },
    {
      name: 'session',
      kind: 'human',
      claims: ['sid', 'session_state'],
      words: "a user's session",
    },
    {
      name: 'client-claims',
      kind: 'm2m',
      // The mappers of the service_account scope write these only for a client that opened its own session.
      claims: ['clientHost'],
      when: ({ claims, client }) =>
        client !== undefined &&
        has(claims, 'clientHost') &&
        has(claims, 'clientAddress') &&
        !has(claims, 'given_name') &&
        !has(claims, 'auth_time'),
      words: 'a session that a client opened',
    },
    {
      name: 'lightweight-client',
      kind: 'm2m',
      claims: ['client_id'],
      when: ({ claims, client, subject }) =>
        subject === undefined && client !== undefined && client === textClaim(claims, 'client_id'),
      words: 'a client, and no session',
      source: LIGHTWEIGHT,
    },
    {
      name: 'user',
      kind: 'human',
      claims: ['preferred_username'],
      when: ({ claims }) => {
        const name = textClaim(claims, 'preferred_username');
        return name !== undefined && !isServiceAccountName(name);
      },
      words: 'a user is named',
    },
  ],
  looksLike: issuerHas('/realms/'),
};
