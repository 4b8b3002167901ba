import { checkClaims } from './claim-checks.js';
import { TokenReader, type CompactToken } from './compact-token.js';
import { checkJwtOptions } from './check-jwt-options.js';
import { DEFAULT_MAX_CACHED_TOKENS, DEFAULT_MAX_TOKEN_BYTES, type JwtAuthOptions } from './jwt.options.js';
import { userOf, type JwtUser, type TokenClassifier } from './jwt-user.js';
import type { KeyMiss, KeySource } from './key-source.js';
import type { RefusalCategory } from './refusal-category.js';
import { TrustedIssuer } from './trusted-issuer.js';
import type { VerificationKey } from './verification-key.js';
import { VerifiedTokens } from './verified-tokens.js';

/** What is known of one token: whose it is, or why it is refused. */
export type TokenDecision = AcceptedToken | RefusedToken;

export interface AcceptedToken {
  readonly accepted: true;
  readonly user: JwtUser;
}

export interface RefusedToken {
  readonly accepted: false;
  /** For audit and metrics, never for the caller. */
  readonly category: RefusalCategory;
  /** When to come again, if the keys could not be had. */
  readonly retryAfterSeconds?: number | undefined;
}

/** An accepted token as the cache keeps it. */
interface VerifiedToken extends AcceptedToken {
  readonly activeFrom: number;
  readonly expiresAt: number;
  readonly key: VerificationKey;
  readonly keys: KeySource;
}

/**
 * Verifies bearer tokens of several issuers. Answers at once, with no promise, unless the keys of the issuer have to be
 * fetched; never throws and never rejects.
 *
 * `JwtAuthGuard` uses it; use it yourself where tokens arrive some other way.
 *
 * @example
 * ```ts
 * const verifier = new TokenVerifier({ issuers: [{ issuer: 'https://id.example.com', audience: 'orders' }] }, new M2MTokenDetector());
 * const decision = await verifier.verify(token);
 * if (decision.accepted) console.log(decision.user.id);
 * ```
 */
export class TokenVerifier {
  private readonly issuers: ReadonlyMap<string, TrustedIssuer>;
  private readonly reader: TokenReader;
  private readonly cache: VerifiedTokens<VerifiedToken> | undefined;
  private readonly maxTokenBytes: number;
  private readonly now: () => number;
  readonly onUnavailable: 401 | 503;

  /**
   * `report` is told, once for each outage, that the keys of an issuer cannot be fetched.
   *
   * @throws {@link OptionsError} for options that `JwtAuthModule` would refuse at start.
   */
  constructor(
    options: JwtAuthOptions,
    private readonly classifier: TokenClassifier,
    report: (message: string) => void = () => undefined,
  ) {
    checkJwtOptions(options);
    const surroundings = {
      toleranceSeconds: options.clockToleranceSeconds ?? 0,
      now: options.now ?? (() => performance.now()),
      report,
    };
    this.issuers = new Map(options.issuers.map((issuer) => [issuer.issuer, new TrustedIssuer(issuer, surroundings)]));
    this.reader = new TokenReader(new Set([...this.issuers.values()].flatMap(({ algorithms }) => [...algorithms])));
    this.maxTokenBytes = options.maxTokenBytes ?? DEFAULT_MAX_TOKEN_BYTES;
    this.onUnavailable = options.onUnavailable ?? 503;
    this.now = options.now ?? Date.now;
    if (options.cache !== false) this.cache = new VerifiedTokens(options.cache?.maxTokens ?? DEFAULT_MAX_CACHED_TOKENS);
  }

  verify(token: string): TokenDecision | Promise<TokenDecision> {
    if (typeof token !== 'string') return REFUSED.malformed;
    if (token.length > this.maxTokenBytes) return REFUSED.too_large;
    const { cache } = this;
    if (cache === undefined) return this.verifyAnew(token, undefined);
    const cacheKey = cache.keyOf(token);
    const known = cache.get(cacheKey);
    if (known !== undefined) {
      if (this.stillHolds(known)) return known;
      cache.delete(cacheKey);
    }
    return this.verifyAnew(token, cacheKey);
  }

  /** Stops fetching keys. */
  close(): void {
    for (const { keys } of this.issuers.values()) keys.close();
  }

  private stillHolds(token: VerifiedToken): boolean {
    const now = this.now() / 1000;
    return now >= token.activeFrom && now < token.expiresAt && token.keys.touch() && !token.key.withdrawn;
  }

  /** The first pass picks the issuer and the key, by what the token says of itself and what the options allow. */
  private verifyAnew(text: string, cacheKey: string | undefined): TokenDecision | Promise<TokenDecision> {
    const token = this.reader.read(text);
    if (typeof token === 'string') return REFUSED[token];
    const { payload, header } = token;
    const issuer = typeof payload['iss'] === 'string' ? this.issuers.get(payload['iss']) : undefined;
    if (issuer === undefined) return REFUSED.issuer;
    if (!issuer.algorithms.has(header.alg)) return REFUSED.algorithm;
    if (!issuer.acceptsType(header.typ)) return REFUSED.type;
    const key = issuer.keys.find(header.kid, header.alg);
    if (key instanceof Promise) return key.then((found) => this.verifyWith(found, token, issuer, cacheKey));
    return this.verifyWith(key, token, issuer, cacheKey);
  }

  private verifyWith(
    key: VerificationKey | KeyMiss,
    token: CompactToken,
    issuer: TrustedIssuer,
    cacheKey: string | undefined,
  ): TokenDecision {
    if (key === 'keys_unavailable') return unavailable(issuer.keys.retryAfterSeconds());
    if (key === 'key') return REFUSED.key;
    if (!issuer.signatures.isSignedBy(token, key)) return REFUSED.invalid_signature;
    const active = checkClaims(token.payload, issuer.rules, this.now() / 1000);
    if (typeof active === 'string') return REFUSED[active];
    this.reader.remember(token);
    const user = userOf(token.payload, this.classifier);
    const { activeFrom, expiresAt } = active;
    const verified: VerifiedToken = { accepted: true, user, activeFrom, expiresAt, key, keys: issuer.keys };
    if (cacheKey !== undefined) this.cache?.set(cacheKey, verified);
    return verified;
  }
}

/** Made once: a flood of bad tokens allocates no answers. */
const REFUSED = Object.freeze(
  Object.fromEntries(
    (
      [
        'missing',
        'malformed',
        'unsupported',
        'algorithm',
        'key',
        'invalid_signature',
        'expired_token',
        'not_active',
        'issuer',
        'audience',
        'type',
        'claims',
        'too_large',
        'keys_unavailable',
      ] as const
    ).map((category) => [category, Object.freeze({ accepted: false, category } as const)]),
  ),
) as Readonly<Record<RefusalCategory, RefusedToken>>;

function unavailable(retryAfterSeconds: number): RefusedToken {
  return { accepted: false, category: 'keys_unavailable', retryAfterSeconds };
}
