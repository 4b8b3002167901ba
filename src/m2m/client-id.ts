import type { JwtClaims } from '../request/claims.js';
import { textClaim } from './claims-reader.js';

/**
 * Where issuers put the client, the standard name first: `client_id` (RFC 9068 section 2.2), `azp` (OpenID Connect
 * Core section 2; Auth0, Google, Keycloak, Entra ID v2), `appid` (Entra ID v1), `cid` (Okta), `clientId` (older Keycloak).
 */
export const CLIENT_ID_CLAIMS: readonly string[] = Object.freeze(['client_id', 'azp', 'appid', 'cid', 'clientId']);

/** The client that the claims name, asking `order` in turn. */
export function clientIdOf(claims: JwtClaims, order: readonly string[] = CLIENT_ID_CLAIMS): string | undefined {
  for (let index = 0; index < order.length; index++) {
    const found = textClaim(claims, order[index]!);
    if (found !== undefined && !isOrigin(found)) return found;
  }
  return undefined;
}

/** Two claims name two clients: then neither can be held against the subject. */
export function clientsDisagree(claims: JwtClaims, client: string): boolean {
  for (let index = 1; index < CLIENT_ID_CLAIMS.length; index++) {
    const other = textClaim(claims, CLIENT_ID_CLAIMS[index]!);
    if (other !== undefined && other !== client && !isOrigin(other)) return true;
  }
  return false;
}

/**
 * Clerk's `azp` is the origin of the page that asked (https://clerk.com/docs/guides/sessions/session-tokens), not a
 * client. A client id may be a URL with a path.
 */
function isOrigin(value: string): boolean {
  if (!value.startsWith('http')) return false;
  const host = value.indexOf('://');
  return (host === 4 || host === 5) && value.indexOf('/', host + 3) === -1;
}
