import type { ClaimsClassifier, JwtClaims } from '../request/claims.js';
import { asClaims, textClaim } from './claims-reader.js';
import { explained } from './explain.js';
import { checkM2MOptions, type M2MOptions } from './m2m.options.js';
import { NeutralRule } from './neutral-rule.js';
import { CompiledProfile } from './profile.js';
import { metadataOf } from './token-metadata.js';
import type { TokenKind, TokenMetadata, TokenVerdict, VerdictConfidence } from './token-verdict.js';

const NOTHING: readonly never[] = Object.freeze([]);
const NO_CLAIMS: readonly string[] = Object.freeze(['no-claims: this is no set of claims']);
const UNREADABLE: readonly string[] = Object.freeze(['unreadable: a claim could not be read']);

/**
 * Tells machines from people by the claims of a verified token. It is synchronous, it keeps nothing, and it never
 * throws: whatever cannot be judged is `unknown`.
 *
 * @example
 * ```ts
 * const detector = new M2MTokenDetector({ provider: 'cognito' });
 * detector.isM2MToken({ token_use: 'access', client_id: 'service-account-123', scope: 'api/read' }); // true
 * ```
 *
 * @remarks Security: the claims must come from a verified token. `unknown` is no person: ask
 * {@link M2MTokenDetector.requiresUserContext}, or compare `kind`, never `!isM2M`.
 */
export class M2MTokenDetector implements ClaimsClassifier {
  /** What `@HumanOnly()` does with a caller of unknown kind. */
  readonly unknown: 'deny' | 'allow';
  private readonly neutral = new NeutralRule();
  private readonly provider: CompiledProfile | undefined;
  private readonly issuers: ReadonlyMap<string, CompiledProfile>;
  private readonly decide: M2MOptions['decide'];

  /** @throws OptionsError naming the option, its value and the fix. */
  constructor(options: M2MOptions = {}) {
    checkM2MOptions(options, 'm2m');
    this.unknown = options.unknown ?? 'deny';
    this.provider = options.provider === undefined ? undefined : new CompiledProfile(options.provider);
    this.issuers = new Map(
      Object.entries(options.issuers ?? {}).map(([issuer, profile]) => [issuer, new CompiledProfile(profile)]),
    );
    this.decide = options.decide;
  }

  /** Never throws, whatever it is given: `null`, a Proxy, a getter that throws, a hundred thousand scopes. */
  classify(claims: unknown): TokenVerdict {
    try {
      const set = asClaims(claims);
      if (set === undefined) return verdict('unknown', 'weak', NO_CLAIMS, null, null, NOTHING, null, null);
      return this.lastWord(set, this.judge(set));
    } catch {
      return verdict('unknown', 'weak', UNREADABLE, null, null, NOTHING, null, null);
    }
  }

  /** Whether the token is surely a machine's. */
  isM2MToken(claims: unknown): boolean {
    return this.classify(claims).kind === 'm2m';
  }

  /** The client that a token was issued to, whoever uses it. */
  getClientId(claims: unknown): string | null {
    return this.classify(claims).clientId;
  }

  /** What a token says of itself, under one name for each thing whatever the provider. */
  getTokenMetadata(claims: unknown): TokenMetadata {
    return metadataOf(claims, this.classify(claims));
  }

  /** True unless the token is a machine's: when in doubt, checks meant for people apply. */
  requiresUserContext(claims: unknown): boolean {
    return this.classify(claims).kind !== 'm2m';
  }

  /** Why the verdict is what it is, over several lines, for somebody who reads a support ticket. Quotes no claim but `iss`. */
  explain(claims: unknown): string {
    return explained(claims, this.classify(claims), this.unknown);
  }

  private judge(claims: JwtClaims): TokenVerdict {
    const judged = (this.profileOf(claims) ?? this.neutral).judge(claims);
    const { token, kind, confidence, reasons, clientId, provider } = judged;
    const client = token.client ?? clientId ?? null;
    const actor = token.act === undefined ? null : (asClaims(token.act) ?? null);
    return verdict(kind, confidence, reasons, client, token.subject ?? null, token.scopeList, actor, provider);
  }

  private profileOf(claims: JwtClaims): CompiledProfile | undefined {
    if (this.issuers.size === 0) return this.provider;
    const issuer = textClaim(claims, 'iss');
    return (issuer === undefined ? undefined : this.issuers.get(issuer)) ?? this.provider;
  }

  private lastWord(claims: JwtClaims, judged: TokenVerdict): TokenVerdict {
    const { decide } = this;
    if (decide === undefined) return judged;
    let kind: unknown;
    let failed = false;
    try {
      kind = decide(claims, judged);
    } catch {
      failed = true;
    }
    if (kind === undefined && !failed) return judged;
    const { reasons, clientId, subject, scopes, actor, provider } = judged;
    if (!isKind(kind)) {
      const why = failed
        ? 'decide-failed: the application threw an error'
        : 'decide-failed: the application gave no kind';
      return verdict('unknown', 'weak', [why, ...reasons], clientId, subject, scopes, actor, provider);
    }
    const said = `decide: the application says ${kind}`;
    return verdict(kind, 'stated', [said, ...reasons], clientId, subject, scopes, actor, provider);
  }
}

const isKind = (value: unknown): value is TokenKind => value === 'm2m' || value === 'human' || value === 'unknown';

/** One shape for every verdict, always in this order: callers that read it stay fast. */
function verdict(
  kind: TokenKind,
  confidence: VerdictConfidence,
  reasons: readonly string[],
  clientId: string | null,
  subject: string | null,
  scopes: readonly string[],
  actor: JwtClaims | null,
  provider: string | null,
): TokenVerdict {
  return { kind, confidence, reasons, clientId, subject, scopes, actor, provider };
}
