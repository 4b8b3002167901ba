import type { JwtClaims } from '../request/claims.js';
import { claim, has } from './claims-reader.js';
import type { ClaimRule, M2MProfile, M2MProvider } from './m2m.options.js';
import { seenBit } from './listeners.js';
import { clientNamedBy, NeutralRule, SAID, weigh, type Hearing, type Judgement } from './neutral-rule.js';
import { findPreset } from './presets/index.js';
import type { Preset, PresetRule } from './presets/preset.js';
import { neutralRules } from './rules.js';
import type { TokenKind } from './token-verdict.js';

/** What no preset overrides: a set of claims that cannot be judged, or that stands for nobody. */
const NOT_JUDGED = SAID.malformed | SAID['no-caller'];
/** What no preset's "machine" stands against. A session is not in it: Keycloak's older releases open one for a client. */
const A_PERSON_FOR_SURE = SAID.person | SAID['id-token'];

/** A profile as it is asked for each token: the preset found, the conditions made into functions, the names into a set. */
export class CompiledProfile {
  private readonly neutral: NeutralRule;
  private readonly preset: Preset | undefined;
  private readonly rules: readonly PreparedRule[];
  private readonly m2mWhen: readonly Condition[];
  private readonly humanWhen: readonly Condition[];
  private readonly serviceAccounts: ReadonlySet<string>;
  private readonly hasConditions: boolean;

  constructor(given: M2MProvider | M2MProfile, rules = neutralRules(), presetOf = findPreset) {
    const profile: M2MProfile = typeof given === 'string' ? { extends: given } : given;
    const { extends: name, clientIdClaims, m2mWhen = [], humanWhen = [], serviceAccounts = [] } = profile;
    this.preset = name === undefined ? undefined : presetOf(name);
    const own = this.preset?.rules ?? [];
    const watched = [...new Set(own.flatMap(({ claims = [] }) => claims))];
    this.neutral = new NeutralRule(rules, {
      clientIdClaims: clientIdClaims ?? this.preset?.clientIdClaims,
      watched,
    });
    this.rules = own.map((rule) => prepared(rule, `${name}/${rule.name}: ${rule.words}`, watched));
    this.m2mWhen = m2mWhen.map(conditionOf);
    this.humanWhen = humanWhen.map(conditionOf);
    this.serviceAccounts = new Set(serviceAccounts);
    this.hasConditions = m2mWhen.length + humanWhen.length + serviceAccounts.length > 0;
  }

  judge(claims: JwtClaims): Judgement {
    const hearing = this.neutral.hear(claims);
    if (hearing.said & NOT_JUDGED) return weigh(hearing);
    return (this.hasConditions ? this.byOwnConditions(hearing) : undefined) ?? this.byPreset(hearing) ?? weigh(hearing);
  }

  private byOwnConditions(hearing: Hearing): Judgement | undefined {
    const { claims, subject } = hearing.token;
    const listed = subject !== undefined && this.serviceAccounts.has(subject);
    const machine = listed || this.m2mWhen.some((holds) => holds(claims));
    const person = this.humanWhen.some((holds) => holds(claims));
    if (!machine && !person) return undefined;
    const kind: TokenKind = machine && person ? 'unknown' : machine ? 'm2m' : 'human';
    const reasons = [
      ...(listed ? ['profile/service-account: the subject is on the list of service accounts'] : []),
      ...(machine && !listed ? ['profile/m2m-when: a condition of the profile for machines holds'] : []),
      ...(person ? ['profile/human-when: a condition of the profile for people holds'] : []),
    ];
    return stated(hearing, kind, reasons, clientNamedBy(hearing), null);
  }

  private byPreset(hearing: Hearing): Judgement | undefined {
    const { rules } = this;
    const { token, said } = hearing;
    for (let index = 0; index < rules.length; index++) {
      const rule = rules[index]!;
      if ((rule.needs & token.seen) === 0 && rule.needs !== 0) continue;
      if (!rule.when(token)) continue;
      const { name } = this.preset!;
      const clientId = token.client === undefined ? (rule.clientId?.(token) ?? clientNamedBy(hearing)) : undefined;
      if (rule.kind === 'm2m' && said & A_PERSON_FOR_SURE)
        return stated(hearing, 'unknown', [...rule.reasons, ...weigh(hearing).reasons], clientId, name);
      return stated(hearing, rule.kind, rule.reasons, clientId, name);
    }
    return undefined;
  }
}

const always = (): boolean => true;

/** A preset's rule as it is asked: all in fields of one shape. */
interface PreparedRule {
  readonly when: NonNullable<PresetRule['when']>;
  readonly clientId: PresetRule['clientId'];
  readonly kind: TokenKind;
  /** The bits of the claims of which one must be there; 0 where none has to. */
  readonly needs: number;
  readonly reasons: readonly string[];
}

function prepared(
  { claims = [], when = always, clientId, kind }: PresetRule,
  reason: string,
  watched: readonly string[],
): PreparedRule {
  const needs = claims.reduce((bits, name) => bits | seenBit(watched.indexOf(name)), 0);
  return { when, clientId, kind, needs, reasons: Object.freeze([reason]) };
}

function stated(
  { token }: Hearing,
  kind: TokenKind,
  reasons: readonly string[],
  clientId: string | undefined,
  provider: string | null,
): Judgement {
  return { token, kind, confidence: 'stated', reasons, clientId, provider };
}

type Condition = (claims: JwtClaims) => boolean;

function conditionOf(rule: ClaimRule): Condition {
  const name = rule.claim;
  if ('exists' in rule && rule.exists !== undefined) return (claims) => has(claims, name) === rule.exists;
  const matches = matcherOf(rule);
  return (claims) => {
    const value = claim(claims, name);
    return Array.isArray(value) ? value.some(matches) : matches(value);
  };
}

function matcherOf(rule: ClaimRule): (value: unknown) => boolean {
  if ('startsWith' in rule && rule.startsWith !== undefined)
    return (value) => typeof value === 'string' && value.startsWith(rule.startsWith);
  if ('endsWith' in rule && rule.endsWith !== undefined)
    return (value) => typeof value === 'string' && value.endsWith(rule.endsWith);
  return (value) => 'equals' in rule && value === rule.equals;
}
