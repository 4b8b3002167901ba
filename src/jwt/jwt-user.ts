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
  /** Says of verified claims whether they are a person's or a machine's. */
  classify(claims: unknown): ClaimsVerdict & { readonly scopes: readonly string[] };
}

export function userOf(claims: JwtClaims, classifier: TokenClassifier): JwtUser {
  const { kind, clientId, scopes } = classifier.classify(claims);
  const { name, email } = claims;
  const id = named(claims['sub']) ? claims['sub'] : kind === 'human' ? '' : (clientId ?? '');
  const isM2M = kind === 'm2m';
  const user: Writable<JwtUser> = { id, kind, isM2M, clientId, scopes: frozen(scopes), claims };
  if (named(name)) user.name = name;
  if (named(email)) user.email = email;
  return Object.freeze(user);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function named(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function frozen(scopes: readonly string[]): readonly string[] {
  return Object.isFrozen(scopes) ? scopes : Object.freeze([...scopes]);
}
