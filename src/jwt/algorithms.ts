/**
 * Every algorithm that can be allowed (RFC 7518 section 3.1, RFC 8037, RFC 9864), and what a JWK must be to serve it.
 * There is no `none`.
 */
export interface AlgorithmNeeds {
  readonly kty: 'RSA' | 'EC' | 'OKP' | 'oct';
  readonly crv?: readonly string[];
  /** RFC 7518 section 3.2: a secret at least as long as the hash. */
  readonly minSecretBytes?: number;
}

export const ALGORITHMS: Readonly<Record<string, AlgorithmNeeds>> = Object.freeze({
  __proto__: null,
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: ['P-256'] },
  ES384: { kty: 'EC', crv: ['P-384'] },
  ES512: { kty: 'EC', crv: ['P-521'] },
  EdDSA: { kty: 'OKP', crv: ['Ed25519', 'Ed448'] },
  Ed25519: { kty: 'OKP', crv: ['Ed25519'] },
  HS256: { kty: 'oct', minSecretBytes: 32 },
  HS384: { kty: 'oct', minSecretBytes: 48 },
  HS512: { kty: 'oct', minSecretBytes: 64 },
} as unknown as Record<string, AlgorithmNeeds>);

/** What a key set may be used with unless `algorithms` says otherwise. */
export const DEFAULT_ALGORITHMS: readonly string[] = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** The algorithms that a key of this type and curve can serve. */
export function algorithmsFor(kty: unknown, crv: unknown): readonly string[] {
  return Object.keys(ALGORITHMS).filter((alg) => {
    const needs = ALGORITHMS[alg]!;
    return needs.kty === kty && (needs.crv === undefined || needs.crv.includes(crv as string));
  });
}
