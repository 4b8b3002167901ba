import type { JwtClaims } from '../request/claims.js';
import { claim, has } from './claims-reader.js';
import type { ClaimRule, M2MProfile, M2MProvider } from './m2m.options.js';
import { SAID, type Judgement } from './neutral-rule.js';
import { findPreset } from './presets/index.js';
import type { Preset } from './presets/preset.js';
import type { TokenView } from './rules/rule.js';
import type { TokenKind, VerdictConfidence } from './token-verdict.js';

/** A {@link Judgement}, and the preset that made it. */
export interface ProfileJudgement extends Judgement {
  readonly provider: string | null;
}

/** What no preset overrides: a set of claims that cannot be judged, or that stands for nobody. */
const NOT_JUDGED = SAID.malformed | SAID['no-caller'];
/** What no preset's "machine" stands against. */
const A_PERSON_FOR_SURE = SAID.person | SAID['id-token'];

/** A profile as it is asked for each token: the preset found, the conditions made into functions, the names into a set. */
export class CompiledProfile {
  readonly preset: Preset | undefined;
  readonly clientIdClaims: readonly string[] | undefined;
  private readonly m2mWhen: readonly Condition[];
  private readonly humanWhen: readonly Condition[];
  private readonly serviceAccounts: ReadonlySet<string>;

  constructor(given: M2MProvider | M2MProfile) {
    const profile: M2MProfile = typeof given === 'string' ? { extends: given } : given;
    this.preset = profile.extends === undefined ? undefined : findPreset(profile.extends);
    this.clientIdClaims = profile.clientIdClaims ?? this.preset?.clientIdClaims;
    this.m2mWhen = (profile.m2mWhen ?? []).map(conditionOf);
    this.humanWhen = (profile.humanWhen ?? []).map(conditionOf);
    this.serviceAccounts = new Set(profile.serviceAccounts);
  }

  judge(token: TokenView, neutral: Judgement): ProfileJudgement {
    if (neutral.said & NOT_JUDGED) return { ...neutral, provider: null };
    return this.byOwnConditions(token, neutral) ?? this.byPreset(token, neutral) ?? { ...neutral, provider: null };
  }

  private byOwnConditions(token: TokenView, { clientId, said }: Judgement): ProfileJudgement | undefined {
    const listed = token.subject !== undefined && this.serviceAccounts.has(token.subject);
    const machine = listed || this.m2mWhen.some((holds) => holds(token.claims));
    const person = this.humanWhen.some((holds) => holds(token.claims));
    if (!machine && !person) return undefined;
    const kind: TokenKind = machine && person ? 'unknown' : machine ? 'm2m' : 'human';
    const reasons = [
      ...(listed ? ['profile/service-account: the subject is on the list of service accounts'] : []),
      ...(machine && !listed ? ['profile/m2m-when: a condition of the profile for machines holds'] : []),
      ...(person ? ['profile/human-when: a condition of the profile for people holds'] : []),
    ];
    return { kind, confidence: 'stated', reasons, clientId, said, provider: null };
  }

  private byPreset(token: TokenView, neutral: Judgement): ProfileJudgement | undefined {
    const { preset } = this;
    if (preset === undefined) return undefined;
    const { rules, name } = preset;
    for (let index = 0; index < rules.length; index++) {
      const rule = rules[index]!;
      if (!rule.when(token)) continue;
      const clientId = token.client === undefined ? (rule.clientId?.(token) ?? neutral.clientId) : undefined;
      const reason = `${name}/${rule.name}: ${rule.words}`;
      if (rule.kind === 'm2m' && neutral.said & A_PERSON_FOR_SURE)
        return made('unknown', 'stated', [reason, ...neutral.reasons], clientId, neutral.said, name);
      return made(rule.kind, 'stated', [reason], clientId, neutral.said, name);
    }
    return undefined;
  }
}

function made(
  kind: TokenKind,
  confidence: VerdictConfidence,
  reasons: readonly string[],
  clientId: string | undefined,
  said: number,
  provider: string,
): ProfileJudgement {
  return { kind, confidence, reasons, clientId, said, provider };
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
