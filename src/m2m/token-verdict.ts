import type { JwtClaims } from '../request/claims.js';

/** What a token stands for: a machine, a person, or not told by the token. */
export type TokenKind = 'm2m' | 'human' | 'unknown';

/**
 * How well founded a verdict is. `stated`: the issuer says so in a claim. `structural`: it follows from how the
 * claims relate, as a specification describes it. `weak`: signs only, or nothing at all.
 */
export type VerdictConfidence = 'stated' | 'structural' | 'weak';

/**
 * What a {@link M2MTokenDetector} says of one set of claims.
 *
 * @remarks Security: a verdict is about claims that somebody else has verified. On unverified claims it means nothing.
 */
export interface TokenVerdict {
  readonly kind: TokenKind;
  readonly confidence: VerdictConfidence;
  /** The rules that spoke, each as `name: short words`. The names are stable, the words are not. */
  readonly reasons: readonly string[];
  /** The OAuth client that the token was issued to; `null` where there is none, or none that the claims name. */
  readonly clientId: string | null;
  /** `sub`, whoever it is. */
  readonly subject: string | null;
  /** The union of `scope`, `scp` and `scopes`. Roles and permissions are not scopes. */
  readonly scopes: readonly string[];
  /** Who acts for the subject (RFC 8693 section 4.1, `act`); it never changes the subject's kind. */
  readonly actor: JwtClaims | null;
  /** The preset that decided, if one did. */
  readonly provider: string | null;
}

/** One look at everything a handler usually wants to know of its token. */
export interface TokenMetadata {
  readonly isM2M: boolean;
  readonly kind: TokenKind;
  /** The claim `token_use`, as Cognito has it. */
  readonly tokenUse: string | null;
  readonly clientId: string | null;
  readonly scopes: readonly string[];
  /** A person is behind the token. False for machines, and where the claims do not tell. */
  readonly hasUserContext: boolean;
  readonly subject: string | null;
  /** The machine's own name: its account's e-mail or user name if it has one, else its client id or subject. */
  readonly serviceAccount: string | null;
  readonly username: string | null;
  readonly email: string | null;
}
