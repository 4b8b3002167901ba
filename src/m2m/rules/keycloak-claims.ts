import type { JwtClaims } from '../../request/claims.js';
import { has, textClaim } from '../claims-reader.js';
import { clientIdOf } from '../client-id.js';

/**
 * The grant in a token id of Keycloak 26: two letters of session type, two of token type, two of grant, a colon.
 * https://github.com/keycloak/keycloak/blob/main/services/src/main/java/org/keycloak/protocol/oidc/encode/DefaultTokenContextEncoderProvider.java
 */
export function keycloakGrant(jti: unknown): string | undefined {
  if (typeof jti !== 'string' || jti.length < 8 || jti.charCodeAt(6) !== 58) return undefined;
  const session = jti.slice(0, 2);
  const token = jti.slice(2, 4);
  const known = (session === 'on' || session === 'of' || session === 'tr') && (token === 'rt' || token === 'lt');
  return known ? jti.slice(4, 6) : undefined;
}

const PREFIX = 'service-account-';

/** Anybody may register under such a name, so it is never enough by itself. */
export const isServiceAccountName = (name: string): boolean => name.startsWith(PREFIX);

/**
 * The user that Keycloak makes for a client, named after that client, in a session that a client opened: only then
 * are `clientHost` and `clientAddress` set.
 * https://www.keycloak.org/docs/latest/server_admin/#_service_accounts
 */
export function isServiceAccountSession(claims: JwtClaims): boolean {
  const name = textClaim(claims, 'preferred_username');
  if (name === undefined || !isServiceAccountName(name)) return false;
  const client = clientIdOf(claims);
  if (client === undefined || name.slice(PREFIX.length) !== client.toLowerCase()) return false;
  return has(claims, 'clientHost') || has(claims, 'clientAddress');
}
