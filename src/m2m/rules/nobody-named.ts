import type { JwtClaims } from '../../request/claims.js';
import { has } from '../claims-reader.js';
import { holdsAny } from '../scopes.js';
import { beginsIn } from '../subject-patterns.js';

/*
 * A token without a subject and with a client is a machine's, unless one of its claims names a person by a word we do
 * not know: an issuer may call its users' key anything. So everything in it must be of a kind that is known to be
 * about the token, the client, the tenant or the rights.
 */

const HARMLESS: ReadonlySet<string> = new Set([
  ...['iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'typ', 'ver', 'version', 'v'],
  ...['cnf', 'rsid', 'kid', 'x5t', 'x5t#S256', 'ttl', 'purpose', 'type', 'status', 'txn'],
  ...['scope', 'scp', 'scopes', 'roles', 'role', 'permissions', 'authorities', 'entitlements', 'wids', 'acr'],
  ...['azp', 'appid', 'cid', 'clientId', 'azpacr', 'appidacr', 'app_displayname', 'allowed-origins', 'resource'],
  ...['token_use', 'token_type', 'tok_type', 'use', 'gty', 'grant_type', 'grantType', 'expires_in', 'nonce_supported'],
  ...['act', 'may_act', 'authorization_details', 'rev_sig', 'azr', 'rh', 'aio', 'uti', 'internal'],
  ...['tid', 'tenant', 'zid', 'realm', 'env', 'environment', 'org', 'pod', 'region', 'domain', 'idp'],
  ...['strong_auth', 'strong_auth_supported', 'consumer', 'supplier', 'delegation_source'],
]);

const HARMLESS_PREFIXES: readonly string[] = [
  'client_',
  'tenant',
  'org_',
  'organization',
  'oi_',
  'p1.',
  'xms_',
  'app_',
];

/** Scopes about a user: whoever was granted one is not a client that acts for itself. */
const USER_SCOPES: readonly string[] = [
  ...['openid', 'offline_access', 'offline', 'refresh_token', 'aws.cognito.signin.user.admin'],
];

export function namesNobody(claims: JwtClaims, scopes: readonly string[]): boolean {
  if (holdsAny(scopes, USER_SCOPES)) return false;
  // Inherited names are met, too; has() sees own claims only.
  for (const name in claims) if (!HARMLESS.has(name) && !hasHarmlessPrefix(name) && has(claims, name)) return false;
  return true;
}

function hasHarmlessPrefix(name: string): boolean {
  for (let index = 0; index < HARMLESS_PREFIXES.length; index++)
    if (beginsIn(name, HARMLESS_PREFIXES[index]!)) return true;
  return false;
}
