import type { JwtClaims } from '../request/claims.js';
import { text } from './claims-reader.js';
import { asClient, CLIENT_ID_CLAIMS, clientIdOf } from './client-id.js';
import { unionOfScopes } from './scopes.js';
import type { Having, Rule, TokenView } from './rules/rule.js';

/** A rule as it is asked: its weight and what it wants as bits, its place in the list, its reason as text. */
export interface Listener {
  readonly rule: Rule;
  readonly bit: number;
  readonly wants: number;
  readonly order: number;
  readonly reason: string;
}

/** What happens when a token has a certain claim: it is kept, if most tokens are asked for it, and rules are asked. */
export interface ClaimEntry {
  readonly slot: number;
  readonly listeners: Listener[];
  /** Some listener wants a certain character, so the text is looked through once for all of them. */
  isScanned: boolean;
}

/** {@link Having} as bits. */
export const TRAITS: Readonly<Record<Having, number>> = {
  text: 1,
  other: 2,
  ':': 4,
  '|': 8,
  '@': 16,
  '!': 32,
  _: 64,
  '-': 128,
};

export const wantsOf = ({ having }: Rule): number => (having === undefined ? 0 : TRAITS[having]);

/** The trait of each ASCII character: a look in a table costs less than comparing with six of them. */
const TRAIT_OF_CODE: readonly number[] = Array.from(
  { length: 128 },
  (_, code) => (TRAITS as Readonly<Record<string, number>>)[String.fromCharCode(code)] ?? 0,
);

/** What a value is like: the sum of all {@link Having} that hold. */
export function traitsOf(value: unknown): number {
  if (typeof value !== 'string') return TRAITS.other;
  let traits = TRAITS.text;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 128) traits |= TRAIT_OF_CODE[code]!;
  }
  return traits;
}

/** The claims that are needed of nearly every token. Looking each up by name would cost more than everything else. */
export const KEPT: readonly string[] = ['sub', 'iss', ...CLIENT_ID_CLAIMS, 'scope', 'scp', 'scopes', 'act'];

export const slotOf = (name: string): number => KEPT.indexOf(name);

/** A token's claims, read once: own properties only, in one pass, in time linear in their number. */
export interface ReadToken extends TokenView {
  readonly act: unknown;
  /** The claims that rules listen to, and behind each its value: one list, because two cost twice as much to make. */
  readonly heard: readonly unknown[];
}

export function readToken(
  claims: JwtClaims,
  entries: ReadonlyMap<string, ClaimEntry>,
  clientIdClaims: readonly string[] | undefined,
): ReadToken {
  let subject: string | undefined;
  let issuer: string | undefined;
  let clientId: string | undefined;
  let azp: string | undefined;
  let appid: string | undefined;
  let cid: string | undefined;
  let olderClientId: string | undefined;
  let scope: unknown;
  let scp: unknown;
  let scopes: unknown;
  let act: unknown;
  const heard: unknown[] = [];
  // for-in costs half of Object.keys(), and over these it can meet own properties only.
  const own = hasOnlyOwn(claims) ? claims : ownCopy(claims);
  for (const name in own) {
    const entry = entries.get(name);
    if (entry === undefined) continue;
    const value = own[name];
    if (value === null || value === undefined) continue;
    switch (entry.slot) {
      case 0:
        subject = text(value);
        break;
      case 1:
        issuer = text(value);
        break;
      case 2:
        clientId = asClient(value);
        break;
      case 3:
        azp = asClient(value);
        break;
      case 4:
        appid = asClient(value);
        break;
      case 5:
        cid = asClient(value);
        break;
      case 6:
        olderClientId = asClient(value);
        break;
      case 7:
        scope = value;
        break;
      case 8:
        scp = value;
        break;
      case 9:
        scopes = value;
        break;
      case 10:
        act = value;
        break;
    }
    if (entry.listeners.length > 0) heard.push(entry, value);
  }
  const client =
    clientIdClaims === undefined
      ? (clientId ?? azp ?? appid ?? cid ?? olderClientId)
      : clientIdOf(claims, clientIdClaims);
  const hasSeveralClients =
    differs(clientId, client) ||
    differs(azp, client) ||
    differs(appid, client) ||
    differs(cid, client) ||
    differs(olderClientId, client);
  const scopeList = unionOfScopes(scope, scp, scopes);
  return { claims, subject, issuer, client, hasSeveralClients, scopeList, act, heard };
}

const differs = (one: string | undefined, client: string | undefined): boolean => one !== undefined && one !== client;

/** The own claims of an object that might inherit others. */
function ownCopy(claims: JwtClaims): JwtClaims {
  return Object.assign(Object.create(null) as Record<string, unknown>, claims);
}

/** Nothing can be inherited: there is no prototype, or it is our own Object.prototype and nobody has polluted it. */
function hasOnlyOwn(claims: JwtClaims): boolean {
  const prototype: unknown = Object.getPrototypeOf(claims);
  if (prototype === null) return true;
  if (prototype !== Object.prototype) return false;
  for (const _polluted in Object.prototype) return false;
  return true;
}
