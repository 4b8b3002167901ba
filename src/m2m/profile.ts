import type { JwtClaims } from '../request/claims.js';
import { claim, has } from './claims-reader.js';
import type { ClaimRule, M2MProfile, M2MProvider } from './m2m.options.js';
import { SAID, type Judgement } from './neutral-rule.js';
import { findPreset } from './presets/index.js';
import type { Preset } from './presets/preset.js';
import type { TokenKind } from './token-verdict.js';

/** What no preset overrides: a set of claims that cannot be judged, or that stands for nobody. */
const NOT_JUDGED = SAID.malformed | SAID['no-caller'];
/** What no preset's "machine" stands against. A session is not in it: Keycloak's older releases open one for a client. */
const A_PERSON_FOR_SURE = SAID.person | SAID['id-token'];

/** A profile as it is asked for each token: the preset found, the conditions made into functions, the names into a set. */
export class CompiledProfile {
  readonly preset: Preset | undefined;
  readonly clientIdClaims: readonly string[] | undefined;
  private readonly m2mWhen: readonly Condition[];
  private readonly humanWhen: readonly Condition[];
  private readonly serviceAccounts: ReadonlySet<string>;
  /** Of the preset's rules, in their order. */
  private readonly reasons: readonly string[];

  constructor(given: M2MProvider | M2MProfile) {
    const profile: M2MProfile = typeof given === 'string' ? { extends: given } : given;
    this.preset = profile.extends === undefined ? undefined : findPreset(profile.extends);
    this.clientIdClaims = profile.clientIdClaims ?? this.preset?.clientIdClaims;
    this.m2mWhen = (profile.m2mWhen ?? []).map(conditionOf);
    this.humanWhen = (profile.humanWhen ?? []).map(conditionOf);
    this.serviceAccounts = new Set(profile.serviceAccounts);
    const { name, rules = [] } = this.preset ?? {};
    this.reasons = rules.map((rule) => `${name}/${rule.name}: ${rule.words}`);
  }

  judge(neutral: Judgement): Judgement {
    if (neutral.said & NOT_JUDGED) return neutral;
    return this.byOwnConditions(neutral) ?? this.byPreset(neutral) ?? neutral;
  }

  private byOwnConditions(neutral: Judgement): Judgement | undefined {
    const { claims, subject } = neutral.token;
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
    return stated(neutral, kind, reasons, neutral.clientId, null);
  }

  private byPreset(neutral: Judgement): Judgement | undefined {
    const { preset } = this;
    if (preset === undefined) return undefined;
    const { token } = neutral;
    const { rules, name } = preset;
    for (let index = 0; index < rules.length; index++) {
      const rule = rules[index]!;
      if (!rule.when(token)) continue;
      const clientId = token.client === undefined ? (rule.clientId?.(token) ?? neutral.clientId) : undefined;
      const reason = this.reasons[index]!;
      if (rule.kind === 'm2m' && neutral.said & A_PERSON_FOR_SURE)
        return stated(neutral, 'unknown', [reason, ...neutral.reasons], clientId, name);
      return stated(neutral, rule.kind, [reason], clientId, name);
    }
    return undefined;
  }
}

function stated(
  { token, said }: Judgement,
  kind: TokenKind,
  reasons: readonly string[],
  clientId: string | undefined,
  provider: string | null,
): Judgement {
  return { token, kind, confidence: 'stated', reasons, clientId, said, provider };
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
