import type { JwtClaims } from '../request/claims.js';
import { REFUSAL_CATEGORIES, type RefusalCategory } from '../request/refusal-category.js';
import { checkClaims } from './claim-checks.js';
import { cutToken, headerSegment, payloadSegment, type CompactToken } from './compact-token.js';
import { FamiliarHeaders } from './familiar-headers.js';
import { checkJwtOptions } from './check-jwt-options.js';
import { DEFAULT_MAX_CACHED_TOKENS, DEFAULT_MAX_TOKEN_BYTES, type JwtAuthOptions } from './jwt.options.js';
import { userOf, type JwtUser, type TokenClassifier } from './jwt-user.js';
import type { KeyMiss, KeySource } from './key-source.js';
import { SegmentDecoder } from './segment-decoder.js';
import { parseStrictObject, strictly } from './strict-json.js';
import { readTokenHeader } from './token-header.js';
import { TrustedIssuer } from './trusted-issuer.js';
import { VerificationKey } from './verification-key.js';
import { VerifiedTokens } from './verified-tokens.js';

/** What is known of one token: whose it is, or why it is refused. */
export type TokenDecision = AcceptedToken | RefusedToken;

/** A token whose claims can be believed. */
export interface AcceptedToken {
  readonly accepted: true;
  readonly user: JwtUser;
}

/** A token that is refused, and why: for the audit trail, never for the caller. */
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
  private readonly algorithms: ReadonlySet<string>;
  private readonly familiar = new FamiliarHeaders();
  private readonly decoder: SegmentDecoder;
  private readonly cache: VerifiedTokens<VerifiedToken> | undefined;
  private readonly maxTokenBytes: number;
  private readonly now: () => number;
  readonly onUnavailable: 401 | 503;

  /**
   * `report` is told, once for each outage, that the keys of an issuer cannot be fetched.
   *
   * @throws `OptionsError` for options that `JwtAuthModule` would refuse at start.
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
    this.algorithms = new Set([...this.issuers.values()].flatMap(({ algorithms }) => [...algorithms]));
    this.maxTokenBytes = options.maxTokenBytes ?? DEFAULT_MAX_TOKEN_BYTES;
    this.decoder = new SegmentDecoder(this.maxTokenBytes);
    this.onUnavailable = options.onUnavailable ?? 503;
    this.now = options.now ?? Date.now;
    if (options.cache !== false) this.cache = new VerifiedTokens(options.cache?.maxTokens ?? DEFAULT_MAX_CACHED_TOKENS);
  }

  /** At once where the keys are at hand, else a promise. Never throws. */
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

  private verifyAnew(text: string, cacheKey: string | undefined): TokenDecision | Promise<TokenDecision> {
    const token = cutToken(text);
    if (token === undefined) return REFUSED.malformed;
    const familiar = this.familiar.find(headerSegment(token));
    if (familiar === undefined) return this.verifyStranger(token, cacheKey);
    const { header, issuer } = familiar;
    const key = issuer.keys.find(header.kid, header.alg);
    if (!(key instanceof VerificationKey)) return this.verifyStranger(token, cacheKey);
    const payload = issuer.signatures.payloadOf(token, header.alg, key);
    // Another issuer may write the same header, and if not, the reason of the refusal is still to be found.
    if (payload === undefined) return this.verifyStranger(token, cacheKey, issuer);
    const payloadText = this.decoder.decode(payloadSegment(token));
    const claims = payloadText === undefined ? undefined : strictly(payloadText, payload);
    return claims === undefined ? REFUSED.malformed : this.judge(claims, issuer, key, cacheKey);
  }

  /**
   * The token says for itself which issuer and which key it wants to be verified with; the options say whether it may.
   * `notSignedBy`: an issuer whose key did not make the signature.
   */
  private verifyStranger(
    token: CompactToken,
    cacheKey: string | undefined,
    notSignedBy?: TrustedIssuer,
  ): TokenDecision | Promise<TokenDecision> {
    const header = readTokenHeader(this.decoder.decode(headerSegment(token)));
    if (typeof header === 'string') return REFUSED[header];
    if (!this.algorithms.has(header.alg)) return REFUSED.algorithm;
    const payloadText = this.decoder.decode(payloadSegment(token));
    const claims = payloadText === undefined ? undefined : parseStrictObject(payloadText);
    if (claims === undefined) return REFUSED.malformed;
    const issuer = typeof claims['iss'] === 'string' ? this.issuers.get(claims['iss']) : undefined;
    if (issuer === undefined) return REFUSED.issuer;
    if (!issuer.algorithms.has(header.alg)) return REFUSED.algorithm;
    if (!issuer.acceptsType(header.typ)) return REFUSED.type;
    if (issuer === notSignedBy) return REFUSED.invalid_signature;
    const finish = (key: VerificationKey | KeyMiss): TokenDecision => {
      if (key === 'keys_unavailable') return unavailable(issuer.keys.retryAfterSeconds());
      if (key === 'key') return REFUSED.key;
      if (issuer.signatures.payloadOf(token, header.alg, key) === undefined) return REFUSED.invalid_signature;
      this.familiar.remember(headerSegment(token), { header, issuer });
      return this.judge(claims, issuer, key, cacheKey);
    };
    const key = issuer.keys.find(header.kid, header.alg);
    return key instanceof Promise ? key.then(finish) : finish(key);
  }

  /** The signature is right; the claims have to be. */
  private judge(
    claims: JwtClaims,
    issuer: TrustedIssuer,
    key: VerificationKey,
    cacheKey: string | undefined,
  ): TokenDecision {
    const active = checkClaims(claims, issuer.rules, this.now() / 1000);
    if (typeof active === 'string') return REFUSED[active];
    const { activeFrom, expiresAt } = active;
    const user = userOf(claims, this.classifier);
    const verified: VerifiedToken = { accepted: true, user, activeFrom, expiresAt, key, keys: issuer.keys };
    if (cacheKey !== undefined) this.cache?.set(cacheKey, verified);
    return verified;
  }
}

/** Made once: a flood of bad tokens allocates no answers. */
const REFUSED = Object.freeze(
  Object.fromEntries(
    REFUSAL_CATEGORIES.map((category) => [category, Object.freeze({ accepted: false, category } as const)]),
  ),
) as Readonly<Record<RefusalCategory, RefusedToken>>;

function unavailable(retryAfterSeconds: number): RefusedToken {
  return { accepted: false, category: 'keys_unavailable', retryAfterSeconds };
}
