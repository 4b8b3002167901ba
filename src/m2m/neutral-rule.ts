import type { JwtClaims } from '../request/claims.js';
import {
  KEPT,
  readToken,
  slotOf,
  TRAITS,
  traitsOf,
  wantsOf,
  type ClaimEntry,
  type Listener,
  type ReadToken,
} from './read-token.js';
import { neutralRules } from './rules.js';
import type { Rule, Saying, TokenView } from './rules/rule.js';
import type { TokenKind, VerdictConfidence } from './token-verdict.js';

/** Each saying is a bit, so that what was said is one number. */
export const SAID: Readonly<Record<Saying, number>> = {
  malformed: 1,
  'no-caller': 2,
  machine: 4,
  person: 8,
  'id-token': 16,
  session: 32,
  'sign-in': 64,
  'machine-shape': 128,
  'person-self': 256,
  'person-name': 512,
  'person-sign': 1024,
  doubt: 2048,
};

/** What was judged, by whom and why. */
export interface Judgement {
  readonly token: ReadToken;
  readonly kind: TokenKind;
  readonly confidence: VerdictConfidence;
  readonly reasons: readonly string[];
  /** The client, where a rule knows it and no claim names it. */
  readonly clientId: string | undefined;
  /** What the neutral rule's rules said: the sum of {@link SAID}. */
  readonly said: number;
  /** The preset that decided, if one did. */
  readonly provider: string | null;
}

const UNDECIDED: readonly string[] = Object.freeze(['undecided: nothing in the claims tells a machine from a person']);

const SIGNED_IN = SAID['id-token'] | SAID.session;
const NAMED = SAID['person-self'] | SAID['person-name'];
const SIGNS = SAID['sign-in'] | NAMED | SAID['person-sign'];
const AGAINST_WORD = SAID.person | SIGNED_IN | SAID['person-self'];
const AGAINST_SHAPE = SIGNED_IN | SAID['sign-in'] | NAMED;

/**
 * Judges a token by what its claims say, whoever issued it. Only the rules that listen to a claim the token has are
 * asked: the time depends on the number of claims, not of rules.
 */
export class NeutralRule {
  private readonly entries = new Map<string, ClaimEntry>();
  private readonly always: Listener[] = [];

  constructor(rules: readonly Rule[] = neutralRules()) {
    for (const name of KEPT) this.entryOf(name);
    rules.forEach((rule, order) => {
      const wants = wantsOf(rule);
      const listener = { rule, bit: SAID[rule.says], wants, order, reason: `${rule.name}: ${rule.words}` };
      if (rule.claims === undefined) this.always.push(listener);
      for (const name of rule.claims ?? []) {
        const entry = this.entryOf(name);
        entry.listeners.push(listener);
        entry.isScanned ||= wants > TRAITS.other;
      }
    });
  }

  judge(claims: JwtClaims, clientIdClaims?: readonly string[]): Judgement {
    const token = readToken(claims, this.entries, clientIdClaims);
    const spoken = new Spoken();
    const { heard } = token;
    for (let index = 0; index < heard.length; index += 2)
      ask(heard[index] as ClaimEntry, heard[index + 1], token, spoken);
    for (let index = 0; index < this.always.length; index++) {
      const listener = this.always[index]!;
      if (listener.rule.when(undefined, token)) spoken.add(listener);
    }
    return weigh(spoken, token);
  }

  private entryOf(name: string): ClaimEntry {
    let entry = this.entries.get(name);
    if (entry === undefined) this.entries.set(name, (entry = { slot: slotOf(name), listeners: [], isScanned: false }));
    return entry;
  }
}

function ask({ listeners, isScanned }: ClaimEntry, value: unknown, token: TokenView, spoken: Spoken): void {
  const traits = isScanned ? traitsOf(value) : typeof value === 'string' ? TRAITS.text : TRAITS.other;
  for (let index = 0; index < listeners.length; index++) {
    const listener = listeners[index]!;
    if ((listener.wants & traits) === listener.wants && listener.rule.when(value, token)) spoken.add(listener);
  }
}

/**
 * The rules that spoke. Nearly always there are at most four, and four fields are cheaper than a list that grows: this is
 * made for every token.
 */
class Spoken {
  said = 0;
  private first: Listener | undefined = undefined;
  private second: Listener | undefined = undefined;
  private third: Listener | undefined = undefined;
  private more: Listener[] | undefined = undefined;

  add(listener: Listener): void {
    this.said |= listener.bit;
    if (this.first === undefined) this.first = listener;
    else if (this.second === undefined) this.second = listener;
    else if (this.third === undefined) this.third = listener;
    else (this.more ??= []).push(listener);
  }

  all(): readonly Listener[] {
    const { first, second, third, more } = this;
    if (first === undefined) return NOBODY;
    if (second === undefined) return [first];
    if (third === undefined) return [first, second];
    return more === undefined ? [first, second, third] : [first, second, third, ...more];
  }
}
const NOBODY: readonly Listener[] = Object.freeze([]);

/** The six steps, in order: the first that applies decides, and doubt is always "unknown". */
function weigh(spoken: Spoken, token: ReadToken): Judgement {
  const { said } = spoken;
  // 1 and 2: no set of claims to judge, or nobody behind it.
  if (said & SAID.malformed) return judged('unknown', 'weak', SAID.malformed, spoken, token);
  if (said & SAID['no-caller']) return judged('unknown', 'stated', SAID['no-caller'], spoken, token);
  // 3: the issuer's word, unless it contradicts itself.
  if (said & SAID.machine) {
    if (said & AGAINST_WORD) return judged('unknown', 'stated', SAID.machine | AGAINST_WORD, spoken, token);
    return judged('m2m', 'stated', SAID.machine, spoken, token);
  }
  if (said & SAID.person) return judged('human', 'stated', SAID.person, spoken, token);
  // 4: structure. A person's id may be the same as a client's (RFC 9068 section 5), so any sign of one is a doubt.
  if (said & SAID['machine-shape']) {
    if (said & AGAINST_SHAPE) return judged('unknown', 'weak', SAID['machine-shape'] | AGAINST_SHAPE, spoken, token);
    return judged('m2m', 'structural', SAID['machine-shape'], spoken, token);
  }
  // 5: signs of a person. Who signed in has a subject (OpenID Connect Core section 2), or at least a name.
  if (said & SIGNED_IN && token.subject === undefined && !(said & NAMED))
    return judged('unknown', 'weak', SIGNED_IN, spoken, token);
  if (said & SIGNED_IN) return judged('human', 'structural', SIGNED_IN | SIGNS, spoken, token);
  if (said & SIGNS) {
    if (said & SAID.doubt) return judged('unknown', 'weak', SIGNS | SAID.doubt, spoken, token);
    return judged('human', 'weak', SIGNS, spoken, token);
  }
  // 6: nothing that tells.
  return judged('unknown', 'weak', SAID.doubt, spoken, token);
}

function judged(
  kind: TokenKind,
  confidence: VerdictConfidence,
  deciding: number,
  spoken: Spoken,
  token: ReadToken,
): Judgement {
  const listeners = spoken.all();
  const { said } = spoken;
  const reasons = reasonsOf(deciding, listeners);
  return { token, kind, confidence, reasons, clientId: clientNamedBy(listeners, token), said, provider: null };
}

/** The reasons of the rules that decided, each once, in the order of the list: the next is the first behind the last. */
function reasonsOf(deciding: number, spoken: readonly Listener[]): readonly string[] {
  if (spoken.length === 1) return (spoken[0]!.bit & deciding) === 0 ? UNDECIDED : [spoken[0]!.reason];
  const reasons: string[] = [];
  for (let last = -1; ;) {
    let next: Listener | undefined;
    for (let index = 0; index < spoken.length; index++) {
      const listener = spoken[index]!;
      if ((listener.bit & deciding) === 0 || listener.order <= last) continue;
      if (next === undefined || listener.order < next.order) next = listener;
    }
    if (next === undefined) return reasons.length === 0 ? UNDECIDED : reasons;
    reasons.push(next.reason);
    last = next.order;
  }
}

function clientNamedBy(spoken: readonly Listener[], token: TokenView): string | undefined {
  if (token.client !== undefined) return undefined;
  for (let index = 0; index < spoken.length; index++) {
    const client = spoken[index]!.rule.clientId?.(token);
    if (client !== undefined) return client;
  }
  return undefined;
}
