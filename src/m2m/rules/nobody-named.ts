import type { JwtClaims } from '../../request/claims.js';
import { claim, named } from '../claims-reader.js';

/*
 * A token without a subject and with a client is a machine's, unless one of its claims names a person by a word we do
 * not know: an issuer may call its users' key anything. So every text or number in it must be of a kind that is known
 * to be about the token, the client, the tenant or the rights.
 */

const HARMLESS: ReadonlySet<string> = new Set([
  ...['iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'typ', 'ver', 'version', 'v', 'cnf', 'nonce_supported', 'rsid'],
  ...['scope', 'scp', 'scopes', 'roles', 'role', 'groups', 'permissions', 'authorities', 'entitlements', 'wids'],
  ...[
    'azp',
    'appid',
    'cid',
    'clientId',
    'azpacr',
    'appidacr',
    'app_displayname',
    'token_use',
    'token_type',
    'tok_type',
  ],
  ...['gty', 'grant_type', 'grantType', 'may_act', 'act', 'authorization_details', 'acr', 'resource', 'expires_in'],
  ...[
    'tid',
    'tenant',
    'zid',
    'realm',
    'env',
    'environment',
    'org',
    'pod',
    'region',
    'domain',
    'rh',
    'aio',
    'uti',
    'idp',
  ],
  ...['purpose', 'kid', 'azr', 'x5t', 'rev_sig', 'internal', 'strong_auth', 'strong_auth_supported', 'use', 'ttl'],
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

export function namesNobody(claims: JwtClaims): boolean {
  for (const name of Object.keys(claims)) {
    if (HARMLESS.has(name)) continue;
    const value = claim(claims, name);
    if (named(value) && !HARMLESS_PREFIXES.some((prefix) => name.startsWith(prefix))) return false;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return false;
  }
  return true;
}
