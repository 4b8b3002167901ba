/** The payload of a token that somebody else has verified. */
export interface JwtClaims {
  readonly [claim: string]: unknown;
}

/** What the classifier says of a set of claims, as far as a {@link Caller} needs it. */
export interface ClaimsVerdict {
  readonly kind: 'm2m' | 'human' | 'unknown';
  readonly clientId: string | null;
  readonly subject: string | null;
}

/** Whoever tells machines from people; the module wires the detector of `m2m/` in. It must never throw. */
export interface ClaimsClassifier {
  classify(claims: unknown): ClaimsVerdict;
}
