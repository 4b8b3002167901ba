import type { JwtClaims } from '../request/claims.js';
import { asClaims, textClaim } from './claims-reader.js';
import { isServiceAccountName } from './rules/keycloak-claims.js';
import { isGoogleServiceAccount } from './subject-patterns.js';
import type { TokenMetadata, TokenVerdict } from './token-verdict.js';

const USERNAME_CLAIMS: readonly string[] = [
  ...['username', 'cognito:username', 'preferred_username', 'user_name', 'upn', 'unique_name'],
];

/** The verdict together with the claims that handlers ask for most. Never throws. */
export function metadataOf(claims: unknown, verdict: TokenVerdict): TokenMetadata {
  let set: JwtClaims | undefined;
  try {
    set = asClaims(claims);
  } catch {
    set = undefined;
  }
  const { kind, clientId, scopes, subject } = verdict;
  const email = read(set, ['email']);
  const username = read(set, USERNAME_CLAIMS);
  return {
    isM2M: kind === 'm2m',
    kind,
    tokenUse: read(set, ['token_use']),
    clientId,
    scopes,
    hasUserContext: kind === 'human',
    subject,
    serviceAccount: kind === 'm2m' ? (accountName(email, username) ?? clientId ?? subject) : null,
    username,
    email,
  };
}

function accountName(email: string | null, username: string | null): string | undefined {
  if (email !== null && isGoogleServiceAccount(email)) return email;
  return username !== null && isServiceAccountName(username) ? username : undefined;
}

function read(claims: JwtClaims | undefined, names: readonly string[]): string | null {
  if (claims === undefined) return null;
  try {
    for (const name of names) {
      const found = textClaim(claims, name);
      if (found !== undefined) return found;
    }
  } catch {
    // A claim that cannot be read says nothing; the verdict is "unknown" already.
  }
  return null;
}
