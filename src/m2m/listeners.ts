import { CLIENT_ID_CLAIMS } from './client-id.js';
import type { Condition, Having, Rule, TokenView } from './rules/rule.js';

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
  /** Asked of the texts that they are listed under, the longest of which has {@link longest} characters. */
  readonly ofExactly = new Map<string, Listener[]>();
  longest = 0;
  /** Asked of a text by the code of its first character, and of its last. */
  readonly byFirst: Listener[][] = [];
  readonly byLast: Listener[][] = [];
  /** Asked of a text with a certain mark: told once for all of them, it passes most over without a call. */
  readonly ofMarked: Listener[] = [];
  /** Asked of all that is no text. */
  readonly ofOther: Listener[] = [];

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
    (value === client ? MARKS.client : 0) |
    (value === issuer ? MARKS.issuer : 0) |
    (value === audience ? MARKS.audience : 0)
  );
}

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
  private readonly entries = new Map<string, ClaimEntry>();

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
    rules.forEach((rule, order) => {
      const { name, says, claims, having, when = always, words, clientId } = rule;
      const reasons = Object.freeze([`${name}: ${words}`] as const);
      const listener: Listener = { when, clientId, bit: bits[says], mark: markOf(having), order, reasons };
      if (claims === undefined) this.always.push(listener);
      for (const claim of claims ?? []) listen(this.entries.get(claim)!, rule, listener);
    });
  }

  /** What happens at a claim of this name; `undefined`: nothing. */
  to(name: string): ClaimEntry | undefined {
    return this.entries.get(name);
  }
}

const always = (): boolean => true;

function listen(entry: ClaimEntry, { having, equals, begins, ends }: Rule, listener: Listener): void {
  for (const text of equals ?? []) {
    entry.ofExactly.set(text, [...(entry.ofExactly.get(text) ?? []), listener]);
    entry.longest = Math.max(entry.longest, text.length);
  }
  for (const start of begins ?? []) (entry.byFirst[start.charCodeAt(0)] ??= []).push(listener);
  for (const end of ends ?? []) (entry.byLast[end.charCodeAt(end.length - 1)] ??= []).push(listener);
  if (equals !== undefined || begins !== undefined || ends !== undefined) return;
  if (listener.mark !== 0) entry.ofMarked.push(listener);
  else if (having !== 'other') entry.ofText.push(listener);
  if (having === undefined || having === 'other') entry.ofOther.push(listener);
}

/** One bit for each watched claim. Beyond 31 of them two share one: then a condition is asked that need not have been. */
export const seenBit = (index: number): number => (index < 0 ? 0 : 1 << (index % 31));
