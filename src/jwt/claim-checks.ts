import type { JwtClaims } from '../request/claims.js';
import type { RefusalCategory } from '../request/refusal-category.js';

/** The end of the year 9999. An `exp` beyond it is no date; most often it is one in milliseconds. */
const LAST_NUMERIC_DATE = 253_402_300_799;

/** What the claims of one issuer's tokens have to say. */
export interface ClaimRules {
  /** `null`: not checked. */
  readonly audiences: ReadonlySet<string> | null;
  readonly maxAgeSeconds: number | undefined;
  readonly toleranceSeconds: number;
}

/** From when, and until when not any more, a token counts, in epoch seconds; tolerance and largest age are in it. */
export interface ActiveTime {
  readonly activeFrom: number;
  readonly expiresAt: number;
}

/** Checks `exp`, `nbf`, `iat`, `sub` and the audience (RFC 7519 section 4.1) at the time `now`, in epoch seconds. */
export function checkClaims(claims: JwtClaims, rules: ClaimRules, now: number): ActiveTime | RefusalCategory {
  const { exp, nbf, iat, sub } = claims;
  if (!isNumericDate(exp)) return 'claims';
  if (nbf !== undefined && !isNumericDate(nbf)) return 'claims';
  if (iat !== undefined && !isNumericDate(iat)) return 'claims';
  if (sub !== undefined && typeof sub !== 'string') return 'claims';

  let expiresAt = exp;
  if (rules.maxAgeSeconds !== undefined) {
    if (iat === undefined) return 'claims';
    expiresAt = Math.min(exp, iat + rules.maxAgeSeconds);
  }
  expiresAt += rules.toleranceSeconds;
  // What is issued in the future is not active either: a wrong clock, or a token minted to outlive maxAgeSeconds.
  const activeFrom = Math.max(nbf ?? 0, iat ?? 0) - rules.toleranceSeconds;
  if (now >= expiresAt) return 'expired_token';
  if (now < activeFrom) return 'not_active';
  if (rules.audiences !== null && !isFor(rules.audiences, claims)) return 'audience';
  return { activeFrom, expiresAt };
}

function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LAST_NUMERIC_DATE;
}

function isFor(audiences: ReadonlySet<string>, { aud, client_id: clientId }: JwtClaims): boolean {
  if (typeof aud === 'string') return audiences.has(aud);
  // Cognito's access tokens name the client they were made for instead.
  if (aud === undefined) return typeof clientId === 'string' && audiences.has(clientId);
  return Array.isArray(aud) && aud.every((item) => typeof item === 'string') && aud.some((item) => audiences.has(item));
}
