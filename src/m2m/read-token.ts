import type { JwtClaims } from '../request/claims.js';
import { soleAudience, text } from './claims-reader.js';
import { asClient } from './client-id.js';
import { before, NO_RANK, type Asked, type Listeners } from './listeners.js';
import { unionOfScopes } from './scopes.js';
import type { TokenView } from './rules/rule.js';

/** A token's claims, read once: own properties only, in one pass, in time linear in their number. */
export interface ReadToken extends TokenView {
  readonly act: unknown;
  /** Who is asked of which claim. */
  readonly asked: Asked | undefined;
  /** Who is asked where the claim has a certain mark, which is told when all claims are read. */
  readonly marked: Asked | undefined;
  /** Which of the watched claims are there, and not empty: the sum of their bits. */
  readonly seen: number;
}

export function readToken(claims: JwtClaims, listeners: Listeners): ReadToken {
  let subject: string | undefined;
  let issuer: string | undefined;
  let client: string | undefined;
  let rank = NO_RANK;
  let clientId: string | undefined;
  let disagree = false;
  let scope: unknown;
  let scp: unknown;
  let scopes: unknown;
  let act: unknown;
  let seen = 0;
  let audience: string | undefined;
  let asked: Asked | undefined;
  let marked: Asked | undefined;
  // for-in costs half of Object.keys(), and over these it can meet own properties only.
  const own = hasOnlyOwn(claims) ? claims : ownCopy(claims);
  for (const name in own) {
    const entry = listeners.to(name);
    if (entry === undefined) continue;
    const value = own[name];
    if (value === null || value === undefined) continue;
    if (value !== '') seen |= entry.seen;
    asked = entry.asked(value, asked);
    if (typeof value === 'string') marked = before(marked, value, entry.ofMarked);
    switch (entry.slot) {
      case 0:
        subject = text(value);
        break;
      case 1:
        issuer = text(value);
        break;
      case 2:
        scope = value;
        break;
      case 3:
        scp = value;
        break;
      case 4:
        scopes = value;
        break;
      case 5:
        act = value;
        break;
      case 6:
        audience = soleAudience(value);
        break;
    }
    if (!entry.isClient) continue;
    const found = asClient(value);
    if (found === undefined) continue;
    if (entry.clientRank < rank) {
      rank = entry.clientRank;
      client = found;
    }
    if (!entry.isClientId) continue;
    disagree ||= clientId !== undefined && clientId !== found;
    clientId = found;
  }
  const hasSeveralClients = disagree || (clientId !== undefined && clientId !== client);
  const scopeList = unionOfScopes(scope, scp, scopes);
  return { claims, subject, issuer, client, hasSeveralClients, audience, scopeList, act, asked, marked, seen };
}

/** The own claims of an object that might inherit others. */
function ownCopy(claims: JwtClaims): JwtClaims {
  return Object.assign(Object.create(null) as Record<string, unknown>, claims);
}

/**
 * Nothing can be inherited: there is no prototype, or it is our own Object.prototype and nobody has polluted it. Of the objects
 * that `asClaims()` lets in, `instanceof` is true for those alone, and costs less than to ask for the prototype again.
 */
function hasOnlyOwn(claims: JwtClaims): boolean {
  if (!(claims instanceof Object)) return Object.getPrototypeOf(claims) === null;
  for (const _polluted in Object.prototype) return false;
  return true;
}
