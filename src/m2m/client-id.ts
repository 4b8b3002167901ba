import type { JwtClaims } from '../request/claims.js';
import { claim, text } from './claims-reader.js';
import { beginsIn } from './subject-patterns.js';

/**
 * Where issuers put the client, the standard name first: `client_id` (RFC 9068 section 2.2), `azp` (OpenID Connect
 * Core section 2; Auth0, Google, Keycloak, Entra ID v2), `appid` (Entra ID v1), `cid` (Okta), `clientId` (older Keycloak).
 */
export const CLIENT_ID_CLAIMS: readonly string[] = Object.freeze(['client_id', 'azp', 'appid', 'cid', 'clientId']);

/** The client that the claims name, asking `order` in turn. */
export function clientIdOf(claims: JwtClaims, order: readonly string[] = CLIENT_ID_CLAIMS): string | undefined {
  for (let index = 0; index < order.length; index++) {
    const found = asClient(claim(claims, order[index]!));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The value as a client, if it can be one. */
export function asClient(value: unknown): string | undefined {
  const found = text(value);
  return found === undefined || isOrigin(found) ? undefined : found;
}

/** A claim names another client: then none can be held against the subject. */
export function clientsDisagree(claims: JwtClaims, client: string): boolean {
  return CLIENT_ID_CLAIMS.some((name) => {
    const other = asClient(claim(claims, name));
    return other !== undefined && other !== client;
  });
}

/**
 * Clerk's `azp` is the origin of the page that asked (https://clerk.com/docs/guides/sessions/session-tokens), not a
 * client. A client id may be a URL with a path.
 */
function isOrigin(value: string): boolean {
  if (!beginsIn(value, 'http')) return false;
  const host = value.indexOf('://');
  return (host === 4 || host === 5) && value.indexOf('/', host + 3) === -1;
}
