import { CLIENT_ID_CLAIMS } from './client-id.js';
import type { Condition, Having, Rule, TokenView } from './rules/rule.js';
import { beginsIn, endsIn } from './subject-patterns.js';

/** A rule as it is asked: what is looked at for each token stands in fields of one shape. */
export interface Listener {
  readonly when: Condition;
  readonly clientId: Rule['clientId'];
  /** What it says, as a bit. */
  readonly bit: number;
  /** The mark that it wants a text to have; 0 where it wants none. */
  readonly mark: number;
  /** Its place in the list of rules. */
  readonly order: number;
  /** Its reason, as the whole list that a verdict has which no other rule decided. */
  readonly reasons: readonly [string];
}

/** What happens when a token has a certain claim: it is kept, if most tokens are asked for it, and rules are asked. */
export class ClaimEntry {
  /** Asked of any text. */
  readonly ofText: Listener[] = [];
  /** Asked of a text with a certain mark: told once for all of them, it passes most over without a call. */
  readonly ofMarked: Listener[] = [];
  /** Asked of exactly these texts. */
  readonly ofExactly = new Map<string, Listener[]>();
  /** Asked of a text by the code of its first character, and of its last. */
  readonly byFirst = new Map<number, Listener[]>();
  readonly byLast = new Map<number, Listener[]>();
  /** Asked of all that is no text. */
  readonly ofOther: Listener[] = [];
  /** The lengths of the exact texts and the first and last characters, as bits: one look passes most texts over. */
  lengths = 0;
  firsts = 0;
  lasts = 0;

  constructor(
    /** Its place among the claims that are kept, or -1. */
    readonly slot: number,
    /** It may name the client. */
    readonly isClient: boolean,
    /** Which of several clients counts: the one of the lowest rank. */
    readonly clientRank: number,
    /** It is one of {@link CLIENT_ID_CLAIMS}: what it says may contradict the client that counts. */
    readonly isClientId: boolean,
    /** The bit by which a profile sees that the claim is there; 0 where none looks. */
    readonly seen: number,
  ) {}

  /** Who is asked of a value, before those who are already: of most claims nobody is. */
  asked(value: unknown, others: Asked | undefined): Asked | undefined {
    if (typeof value !== 'string') return before(others, value, this.ofOther);
    let all = before(others, value, this.ofText);
    if (has(this.lengths, value.length)) all = before(all, value, this.ofExactly.get(value));
    if (value.length === 0) return all;
    const first = value.charCodeAt(0);
    if (has(this.firsts, first)) all = before(all, value, this.byFirst.get(first));
    const last = value.charCodeAt(value.length - 1);
    if (has(this.lasts, last)) all = before(all, value, this.byLast.get(last));
    return all;
  }
}

/** Listeners that are asked of one value, and the others before them; links, because a list that grows costs more to make. */
export interface Asked {
  readonly listeners: readonly Listener[];
  readonly value: unknown;
  readonly next: Asked | undefined;
}

export function before(
  next: Asked | undefined,
  value: unknown,
  listeners: readonly Listener[] | undefined,
): Asked | undefined {
  return listeners === undefined || listeners.length === 0 ? next : { listeners, value, next };
}

/** A number below 32, or what is left of it, as a bit among others. */
const bitOf = (number: number): number => 1 << (number & 31);
export const has = (bits: number, number: number): boolean => (bits & bitOf(number)) !== 0;

function addTo<K>(listeners: Map<K, Listener[]>, key: K, listener: Listener): void {
  listeners.set(key, [...(listeners.get(key) ?? []), listener]);
}

/** The claims that are needed of nearly every token. Looking each up by name would cost more than everything else. */
const KEPT: readonly string[] = ['sub', 'iss', 'scope', 'scp', 'scopes', 'act', 'aud'];
/** The rank of a claim that names no client that counts. */
export const NO_RANK = 1000;

type Mark = Exclude<Having, 'text' | 'other'>;
const MARKS: Readonly<Record<Mark, number>> = { ':': 1, '|': 2, '@': 4, client: 8, issuer: 16, audience: 32 };

const markOf = (having: Having | undefined): number =>
  having === undefined || having === 'text' || having === 'other' ? 0 : MARKS[having];

/** The sum of all marks that a text has. */
export function marksOf(value: string, { client, issuer, audience }: TokenView): number {
  return (
    (value.includes(':') ? MARKS[':'] : 0) |
    (value.includes('|') ? MARKS['|'] : 0) |
    (value.includes('@') ? MARKS['@'] : 0) |
    (isSame(value, client) ? MARKS.client : 0) |
    (isSame(value, issuer) ? MARKS.issuer : 0) |
    (isSame(value, audience) ? MARKS.audience : 0)
  );
}

/** Nearly always told by the length. */
const isSame = (value: string, other: string | undefined): boolean =>
  other !== undefined && other.length === value.length && other === value;

/** What a profile wants to know of a token beside what the rules do. */
export interface Interests {
  /** Where the client is, first match first. Default: {@link CLIENT_ID_CLAIMS}. */
  readonly clientIdClaims?: readonly string[] | undefined;
  /** The claims of which {@link ReadToken.seen} tells whether they are there. */
  readonly watched?: readonly string[] | undefined;
}

/** Which rules listen to which claim: the time of a verdict depends on the claims that a token has, not on the rules there are. */
export class Listeners {
  /** Asked about every token. */
  readonly always: Listener[] = [];
  /** Asked of the scopes that a token has. */
  readonly ofScope = new Map<string, Listener[]>();
  /** The lengths of those scopes, as bits. */
  scopeLengths = 0;
  private readonly entries = new Map<string, ClaimEntry>();
  private readonly iss: ClaimEntry | undefined;
  private readonly exp: ClaimEntry | undefined;
  private readonly iat: ClaimEntry | undefined;
  private readonly sub: ClaimEntry | undefined;
  private readonly aud: ClaimEntry | undefined;

  /** `bits`: what each saying is as a bit. */
  constructor(rules: readonly Rule[], bits: Readonly<Record<Rule['says'], number>>, interests: Interests = {}) {
    const { watched = [], clientIdClaims = CLIENT_ID_CLAIMS } = interests;
    const listened = rules.flatMap(({ claims = [] }) => claims);
    for (const name of [...KEPT, ...CLIENT_ID_CLAIMS, ...clientIdClaims, ...watched, ...listened]) {
      const clientRank = clientIdClaims.includes(name) ? clientIdClaims.indexOf(name) : NO_RANK;
      const isClientId = CLIENT_ID_CLAIMS.includes(name);
      const isClient = isClientId || clientRank < NO_RANK;
      const [slot, seen] = [KEPT.indexOf(name), seenBit(watched.indexOf(name))];
      this.entries.set(name, new ClaimEntry(slot, isClient, clientRank, isClientId, seen));
    }
    const named = (name: string): ClaimEntry | undefined => this.entries.get(name);
    [this.iss, this.exp, this.iat, this.sub, this.aud] = ['iss', 'exp', 'iat', 'sub', 'aud'].map(named);
    rules.forEach((rule, order) => {
      const { name, says, claims, scopes, having, when = always, words, clientId } = rule;
      const reasons = Object.freeze([`${name}: ${words}`] as const);
      const listener: Listener = { when, clientId, bit: bits[says], mark: markOf(having), order, reasons };
      if (claims === undefined && scopes === undefined) this.always.push(listener);
      for (const scope of scopes ?? []) {
        addTo(this.ofScope, scope, listener);
        this.scopeLengths |= bitOf(scope.length);
      }
      for (const claim of claims ?? []) listen(this.entries.get(claim)!, rule, listener);
    });
  }

  /**
   * What happens at a claim of this name; `undefined`: nothing. Nearly half of the claims that tokens have are these few, and
   * a comparison of names, which the engine keeps once each, costs a tenth of a look-up.
   */
  to(name: string): ClaimEntry | undefined {
    if (name === 'iss') return this.iss;
    if (name === 'exp') return this.exp;
    if (name === 'iat') return this.iat;
    if (name === 'sub') return this.sub;
    if (name === 'aud') return this.aud;
    return this.entries.get(name);
  }
}

const always = (): boolean => true;

function listen(entry: ClaimEntry, { having, equals, begins, ends }: Rule, listener: Listener): void {
  const { when } = listener;
  for (const text of equals ?? []) {
    addTo(entry.ofExactly, text, listener);
    entry.lengths |= bitOf(text.length);
  }
  for (const start of begins ?? []) {
    const begun: Condition = (value, token) => beginsIn(value as string, start) && when(value, token);
    addTo(entry.byFirst, start.charCodeAt(0), { ...listener, when: begun });
    entry.firsts |= bitOf(start.charCodeAt(0));
  }
  for (const end of ends ?? []) {
    const last = end.charCodeAt(end.length - 1);
    const ended: Condition = (value, token) => endsIn(value as string, end) && when(value, token);
    addTo(entry.byLast, last, { ...listener, when: ended });
    entry.lasts |= bitOf(last);
  }
  if (equals !== undefined || begins !== undefined || ends !== undefined) return;
  if (listener.mark !== 0) entry.ofMarked.push(listener);
  else if (having !== 'other') entry.ofText.push(listener);
  if (having === undefined || having === 'other') entry.ofOther.push(listener);
}

/** One bit for each watched claim, of which no preset has more than 32. */
export const seenBit = (index: number): number => (index < 0 ? 0 : bitOf(index));
