import type { ClaimsVerdict, JwtClaims } from '../request/claims.js';

/** The caller that a verified token names: what `JwtAuthGuard` leaves as `request.user`. Frozen. */
export interface JwtUser {
  /** `sub` for a person; for a machine `sub` or, where it has none, its client id. Empty if the token names nobody. */
  readonly id: string;
  /** The claim `name`, if it is there. */
  readonly name?: string;
  /** The claim `email`, if it is there. Whether it is verified is in `claims.email_verified`. */
  readonly email?: string;
  readonly kind: 'm2m' | 'human' | 'unknown';
  readonly isM2M: boolean;
  readonly clientId: string | null;
  readonly scopes: readonly string[];
  /** The whole payload, frozen. */
  readonly claims: JwtClaims;
}

/** As much of a detector as is needed here: `M2MTokenDetector`, or one of your own. Never throws. */
export interface TokenClassifier {
  classify(claims: unknown): ClaimsVerdict & { readonly scopes: readonly string[] };
}

export function userOf(claims: JwtClaims, classifier: TokenClassifier): JwtUser {
  const { kind, clientId, scopes } = classifier.classify(claims);
  const { sub, name, email } = claims;
  return Object.freeze({
    id: named(sub) ?? (kind === 'human' ? null : clientId) ?? '',
    ...(named(name) !== undefined && { name: name as string }),
    ...(named(email) !== undefined && { email: email as string }),
    kind,
    isM2M: kind === 'm2m',
    clientId,
    scopes: Object.freeze([...scopes]),
    claims,
  });
}

function named(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
