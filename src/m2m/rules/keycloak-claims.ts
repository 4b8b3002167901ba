import type { JwtClaims } from '../../request/claims.js';
import { has, textClaim } from '../claims-reader.js';
import { clientIdOf } from '../client-id.js';
import { beginsIn } from '../subject-patterns.js';

/** Online, offline, transient: the session types with which a token id of Keycloak 26 begins. */
export const KEYCLOAK_SESSIONS: readonly string[] = ['on', 'of', 'tr'];

/**
 * The grant in a token id of Keycloak 26: two letters of session type, two of token type, two of grant, a colon.
 * https://github.com/keycloak/keycloak/blob/main/services/src/main/java/org/keycloak/protocol/oidc/encode/DefaultTokenContextEncoderProvider.java
 */
export function keycloakGrant(jti: unknown): string | undefined {
  if (typeof jti !== 'string' || jti.length < 8 || jti.charCodeAt(6) !== 58) return undefined;
  const session = jti.slice(0, 2);
  const token = jti.slice(2, 4);
  const known = KEYCLOAK_SESSIONS.includes(session) && (token === 'rt' || token === 'lt');
  return known ? jti.slice(4, 6) : undefined;
}

const PREFIX = 'service-account-';

/** Anybody may register under such a name, so it is never enough by itself. */
export const isServiceAccountName = (name: string): boolean => beginsIn(name, PREFIX);

/**
 * The user that Keycloak makes for a client, named after that client, in a session that a client opened: only then
 * are `clientHost` and `clientAddress` set.
 * https://www.keycloak.org/docs/latest/server_admin/#_service_accounts
 */
export function isServiceAccountSession(claims: JwtClaims): boolean {
  const name = textClaim(claims, 'preferred_username');
  if (name === undefined || !isServiceAccountName(name)) return false;
  if (!has(claims, 'clientHost') && !has(claims, 'clientAddress')) return false;
  const client = clientIdOf(claims);
  return client !== undefined && name.slice(PREFIX.length) === client.toLowerCase();
}
