import { claim } from './claims-reader.js';
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
  'person-name': 256,
  'person-sign': 512,
  doubt: 1024,
};

/** What the rules said together, and what follows from it. */
export interface Judgement {
  readonly kind: TokenKind;
  readonly confidence: VerdictConfidence;
  readonly reasons: readonly string[];
  /** The client, where a rule knows it and no claim names it. */
  readonly clientId: string | undefined;
  /** The sum of {@link SAID}. */
  readonly said: number;
}

interface Listener {
  readonly rule: Rule;
  readonly bit: number;
  readonly order: number;
  readonly reason: string;
}

const UNDECIDED: readonly string[] = Object.freeze(['undecided: nothing in the claims tells a machine from a person']);

const AGAINST_WORD = SAID.person | SAID['id-token'] | SAID.session;
const AGAINST_SHAPE = SAID['id-token'] | SAID.session | SAID['sign-in'] | SAID['person-name'];
const SIGNED_IN = SAID['id-token'] | SAID.session;
const SIGNS = SAID['sign-in'] | SAID['person-name'] | SAID['person-sign'];

/**
 * Judges a token by what its claims say, whoever issued it. Only the rules that listen to a claim the token has are
 * asked: the time depends on the number of claims, not of rules.
 */
export class NeutralRule {
  private readonly byClaim = new Map<string, Listener[]>();
  private readonly always: Listener[] = [];

  constructor(rules: readonly Rule[] = neutralRules()) {
    rules.forEach((rule, order) => {
      const listener = { rule, bit: SAID[rule.says], order, reason: `${rule.name}: ${rule.words}` };
      if (rule.claims === undefined) this.always.push(listener);
      for (const name of rule.claims ?? []) {
        const listeners = this.byClaim.get(name);
        if (listeners === undefined) this.byClaim.set(name, [listener]);
        else listeners.push(listener);
      }
    });
  }

  judge(token: TokenView): Judgement {
    const spoken: Listener[] = [];
    const names = Object.keys(token.claims);
    for (let index = 0; index < names.length; index++) {
      const listeners = this.byClaim.get(names[index]!);
      if (listeners === undefined) continue;
      const value = claim(token.claims, names[index]!);
      if (value !== null && value !== undefined) ask(listeners, value, token, spoken);
    }
    ask(this.always, undefined, token, spoken);
    let said = 0;
    for (let index = 0; index < spoken.length; index++) said |= spoken[index]!.bit;
    return weigh(said, spoken, token);
  }
}

function ask(listeners: readonly Listener[], value: unknown, token: TokenView, spoken: Listener[]): void {
  for (let index = 0; index < listeners.length; index++) {
    const listener = listeners[index]!;
    if (listener.rule.when(value, token)) spoken.push(listener);
  }
}

/** The six steps, in order: the first that applies decides, and doubt is always "unknown". */
function weigh(said: number, spoken: readonly Listener[], token: TokenView): Judgement {
  // 1 and 2: no set of claims to judge, or nobody behind it.
  if (said & SAID.malformed) return judgement('unknown', 'weak', SAID.malformed, said, spoken, token);
  if (said & SAID['no-caller']) return judgement('unknown', 'stated', SAID['no-caller'], said, spoken, token);
  // 3: the issuer's word, unless it contradicts itself.
  if (said & SAID.machine) {
    if (said & AGAINST_WORD) return judgement('unknown', 'stated', SAID.machine | AGAINST_WORD, said, spoken, token);
    return judgement('m2m', 'stated', SAID.machine, said, spoken, token);
  }
  if (said & SAID.person) return judgement('human', 'stated', SAID.person, said, spoken, token);
  // 4: structure. A person's id may be the same as a client's (RFC 9068 section 5), so any sign of one is a doubt.
  if (said & SAID['machine-shape']) {
    if (said & AGAINST_SHAPE)
      return judgement('unknown', 'weak', SAID['machine-shape'] | AGAINST_SHAPE, said, spoken, token);
    return judgement('m2m', 'structural', SAID['machine-shape'], said, spoken, token);
  }
  // 5: signs of a person.
  if (said & SIGNED_IN) return judgement('human', 'structural', SIGNED_IN | SIGNS, said, spoken, token);
  if (said & SIGNS) {
    if (said & SAID.doubt) return judgement('unknown', 'weak', SIGNS | SAID.doubt, said, spoken, token);
    return judgement('human', 'weak', SIGNS, said, spoken, token);
  }
  // 6: nothing that tells.
  return judgement('unknown', 'weak', SAID.doubt, said, spoken, token);
}

function judgement(
  kind: TokenKind,
  confidence: VerdictConfidence,
  deciding: number,
  said: number,
  spoken: readonly Listener[],
  token: TokenView,
): Judgement {
  return { kind, confidence, reasons: reasonsOf(deciding, spoken), clientId: clientNamedBy(spoken, token), said };
}

/** The reasons of the rules that decided, each once, in the order of the list. */
function reasonsOf(deciding: number, spoken: readonly Listener[]): readonly string[] {
  const heard: Listener[] = [];
  for (let index = 0; index < spoken.length; index++) {
    const listener = spoken[index]!;
    if ((listener.bit & deciding) === 0 || heard.includes(listener)) continue;
    let place = heard.length;
    while (place > 0 && heard[place - 1]!.order > listener.order) place--;
    heard.splice(place, 0, listener);
  }
  return heard.length === 0 ? UNDECIDED : heard.map((listener) => listener.reason);
}

function clientNamedBy(spoken: readonly Listener[], token: TokenView): string | undefined {
  if (token.client !== undefined) return undefined;
  for (let index = 0; index < spoken.length; index++) {
    const client = spoken[index]!.rule.clientId?.(token);
    if (client !== undefined) return client;
  }
  return undefined;
}
