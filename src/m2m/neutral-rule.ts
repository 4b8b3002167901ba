import type { JwtClaims } from '../request/claims.js';
import { has, Listeners, marksOf, type Asked, type Interests, type Listener } from './listeners.js';
import { readToken, type ReadToken } from './read-token.js';
import { neutralRules } from './rules.js';
import type { Rule, Saying } from './rules/rule.js';
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
 * A token and the rules that spoke of it, each once, in the order of the list; what that comes to is for {@link weigh}, or for
 * a preset. Mostly two speak: links cost less than a list that grows.
 */
export class Hearing {
  /** The sum of {@link SAID}. */
  said = 0;
  first: Link | undefined = undefined;

  constructor(readonly token: ReadToken) {}

  add(listener: Listener): void {
    this.said |= listener.bit;
    const { first } = this;
    if (first === undefined || listener.order < first.listener.order) this.first = { listener, next: first };
    else insert(listener, first);
  }
}

interface Link {
  readonly listener: Listener;
  next: Link | undefined;
}

/** Puts it behind a link of no higher order. A rule that listens to several claims may speak for each of them. */
function insert(listener: Listener, after: Link): void {
  let link = after;
  while (link.next !== undefined && link.next.listener.order <= listener.order) link = link.next;
  if (link.listener.order !== listener.order) link.next = { listener, next: link.next };
}

/** Judges a token by what its claims say, whoever issued it. Only the rules that listen to a claim the token has are asked. */
export class NeutralRule {
  private readonly listeners: Listeners;

  constructor(rules: readonly Rule[] = neutralRules(), interests?: Interests) {
    this.listeners = new Listeners(rules, SAID, interests);
  }

  judge(claims: JwtClaims): Judgement {
    return weigh(this.hear(claims));
  }

  hear(claims: JwtClaims): Hearing {
    const token = readToken(claims, this.listeners);
    const hearing = new Hearing(token);
    for (let link = token.asked; link !== undefined; link = link.next) ask(link.listeners, link.value, hearing);
    for (let link = token.marked; link !== undefined; link = link.next) askOfMarked(link, hearing);
    const { ofScope, scopeLengths, always } = this.listeners;
    const { scopeList } = token;
    for (let index = 0; index < scopeList.length; index++) {
      const scope = scopeList[index]!;
      if (has(scopeLengths, scope.length)) ask(ofScope.get(scope) ?? NOBODY, scope, hearing);
    }
    ask(always, undefined, hearing);
    return hearing;
  }
}

const NOBODY: readonly Listener[] = [];

function ask(listeners: readonly Listener[], value: unknown, hearing: Hearing): void {
  for (let index = 0; index < listeners.length; index++) {
    const listener = listeners[index]!;
    if (listener.when(value, hearing.token)) hearing.add(listener);
  }
}

function askOfMarked({ listeners, value }: Asked, hearing: Hearing): void {
  const marks = marksOf(value as string, hearing.token);
  if (marks === 0) return;
  for (let index = 0; index < listeners.length; index++) {
    const listener = listeners[index]!;
    if ((listener.mark & marks) !== 0 && listener.when(value, hearing.token)) hearing.add(listener);
  }
}

/** The six steps, in order: the first that applies decides, and doubt is always "unknown". */
export function weigh(hearing: Hearing): Judgement {
  const { token, said } = hearing;
  // 1 and 2: no set of claims to judge, or nobody behind it.
  if (said & SAID.malformed) return judged('unknown', 'weak', SAID.malformed, hearing);
  if (said & SAID['no-caller']) return judged('unknown', 'stated', SAID['no-caller'], hearing);
  // 3: the issuer's word, unless it contradicts itself.
  if (said & SAID.machine) {
    if (said & AGAINST_WORD) return judged('unknown', 'stated', SAID.machine | AGAINST_WORD, hearing);
    return judged('m2m', 'stated', SAID.machine, hearing);
  }
  if (said & SAID.person) return judged('human', 'stated', SAID.person, hearing);
  // 4: structure. A person's id may be the same as a client's (RFC 9068 section 5), so any sign of one is a doubt.
  if (said & SAID['machine-shape']) {
    if (said & AGAINST_SHAPE) return judged('unknown', 'weak', SAID['machine-shape'] | AGAINST_SHAPE, hearing);
    return judged('m2m', 'structural', SAID['machine-shape'], hearing);
  }
  // 5: signs of a person. Who signed in has a subject (OpenID Connect Core section 2), or at least a name.
  if (said & SIGNED_IN && token.subject === undefined && !(said & NAMED))
    return judged('unknown', 'weak', SIGNED_IN, hearing);
  if (said & SIGNED_IN) return judged('human', 'structural', SIGNED_IN | SIGNS, hearing);
  if (said & SIGNS) {
    if (said & SAID.doubt) return judged('unknown', 'weak', SIGNS | SAID.doubt, hearing);
    return judged('human', 'weak', SIGNS, hearing);
  }
  // 6: nothing that tells.
  return judged('unknown', 'weak', SAID.doubt, hearing);
}

function judged(kind: TokenKind, confidence: VerdictConfidence, deciding: number, hearing: Hearing): Judgement {
  const reasons = reasonsOf(deciding, hearing);
  return { token: hearing.token, kind, confidence, reasons, clientId: clientNamedBy(hearing), provider: null };
}

/** The reasons of the rules that decided. Of one alone, which is the rule, they have been made already. */
function reasonsOf(deciding: number, { first }: Hearing): readonly string[] {
  let reasons: string[] | undefined;
  let only: readonly string[] | undefined;
  for (let link = first; link !== undefined; link = link.next) {
    const { listener } = link;
    if ((listener.bit & deciding) === 0) continue;
    if (only === undefined) only = listener.reasons;
    else (reasons ??= [only[0]!]).push(listener.reasons[0]);
  }
  return reasons ?? only ?? UNDECIDED;
}

/** The client that the first of them knows, where no claim names it. */
export function clientNamedBy({ first, token }: Hearing): string | undefined {
  if (token.client !== undefined) return undefined;
  for (let link = first; link !== undefined; link = link.next) {
    const client = link.listener.clientId?.(token);
    if (client !== undefined) return client;
  }
  return undefined;
}
