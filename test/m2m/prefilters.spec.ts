// Real: the neutral rule, every preset and every documented claim set. Faked: the same rules without an index, asked one by one.
import { describe, expect, it } from '@jest/globals';
import { asClaims, claim, has } from '../../src/m2m/claims-reader.js';
import { NeutralRule } from '../../src/m2m/neutral-rule.js';
import { findPreset, presetNames } from '../../src/m2m/presets/index.js';
import type { Preset, PresetRule } from '../../src/m2m/presets/preset.js';
import { CompiledProfile } from '../../src/m2m/profile.js';
import { neutralRules } from '../../src/m2m/rules.js';
import type { Rule, TokenView } from '../../src/m2m/rules/rule.js';
import type { JwtClaims } from '../../src/request/claims.js';
import { examples, foundExamples, moreExamples } from './examples.js';

/** What a rule states in its fields, read word by word. */
function fits({ having, equals, begins, ends }: Rule, value: unknown, token: TokenView): boolean {
  if (equals !== undefined || begins !== undefined || ends !== undefined) {
    if (typeof value !== 'string') return false;
    const begun = begins?.some((start) => value.startsWith(start)) === true;
    const ended = ends?.some((end) => value.endsWith(end)) === true;
    return begun || ended || equals?.includes(value) === true;
  }
  if (having === undefined) return true;
  if (having === 'other') return typeof value !== 'string';
  if (typeof value !== 'string') return false;
  if (having === 'text') return true;
  if (having === 'client' || having === 'issuer' || having === 'audience') return value === token[having];
  return value.includes(having);
}

function valuesFor({ claims, scopes }: Rule, token: TokenView): readonly unknown[] {
  if (scopes !== undefined) return token.scopeList.filter((scope) => scopes.includes(scope));
  if (claims === undefined) return [undefined];
  return claims.map((name) => claim(token.claims, name)).filter((value) => value !== undefined && value !== null);
}

/** The same rule with nothing that an index could go by: it is asked about every token. */
function plain(rule: Rule): Rule {
  const { name, says, words, source, clientId, when = () => true } = rule;
  return {
    ...{ name, says, words, source },
    ...(clientId !== undefined && { clientId }),
    when: (_value, token) => valuesFor(rule, token).some((value) => fits(rule, value, token) && when(value, token)),
  };
}

function plainPreset(preset: Preset): Preset {
  const plainRule = ({ claims, when = () => true, ...rule }: PresetRule): PresetRule => ({
    ...rule,
    when: (token) => (claims === undefined || claims.some((name) => has(token.claims, name))) && when(token),
  });
  return { ...preset, rules: preset.rules.map(plainRule) };
}

const plainRules = neutralRules().map(plain);
const given = examples.map(({ claims }) => asClaims(claims)).filter((claims) => claims !== undefined);
const others = [...moreExamples, ...foundExamples]
  .map(({ claims }) => asClaims(claims))
  .filter((claims) => claims !== undefined);

/** The set, and all that come of it when one of these claims is gone, null, blank, in an array, or of a type it never has. */
function* mutated(claims: JwtClaims, names: readonly string[]): Generator<JwtClaims> {
  yield claims;
  for (const name of names) {
    const { [name]: value = 'put in', ...without } = claims;
    yield without;
    for (const other of [null, '', ' ', [value], [], 7, true, { [name]: value }]) yield { ...claims, [name]: other };
  }
}

/** Compared as text: half a million times, expect() would be most of the time. */
const told = (judge: { judge(claims: JwtClaims): object }, claims: JwtClaims): string => {
  const { token, ...judgement } = judge.judge(claims) as ReturnType<NeutralRule['judge']>;
  return JSON.stringify([judgement, token.client, token.scopeList]);
};

function differences(
  indexed: NeutralRule | CompiledProfile,
  one: NeutralRule | CompiledProfile,
  sets: Iterable<JwtClaims>,
): readonly JwtClaims[] {
  const different: JwtClaims[] = [];
  for (const claims of sets) if (told(indexed, claims) !== told(one, claims)) different.push(claims);
  return different;
}

describe('the fields by which rules are found', () => {
  it('change no verdict, no reason and no client of the neutral rule, because an index is only faster', () => {
    const [indexed, one] = [new NeutralRule(), new NeutralRule(plainRules)];
    for (const claims of [...given, ...others])
      expect(differences(indexed, one, mutated(claims, Object.keys(claims)))).toEqual([]);
  });

  it.each(presetNames())('change no verdict, no reason and no client of the preset %s', (name) => {
    const presetOf = (wanted: string): Preset | undefined => {
      const found = findPreset(wanted);
      return found && plainPreset(found);
    };
    const [indexed, one] = [new CompiledProfile(name), new CompiledProfile(name, plainRules, presetOf)];
    expect(differences(indexed, one, others)).toEqual([]);
    const { rules, clientIdClaims = [] } = findPreset(name)!;
    const names = new Set(['sub', ...clientIdClaims, ...rules.flatMap(({ claims = [] }) => claims)]);
    for (const claims of given) expect(differences(indexed, one, mutated(claims, [...names]))).toEqual([]);
  });

  it('find a rule by each text it states, whatever stands before or behind it', () => {
    const stating = neutralRules().filter(({ equals, begins, ends }) => equals ?? begins ?? ends);
    expect(stating.length).toBeGreaterThan(20);
    for (const { when: _when, ...rule } of stating) {
      const [indexed, one] = [new NeutralRule([rule]), new NeutralRule([plain(rule)])];
      const { claims = [], equals = [], begins = [], ends = [] } = rule;
      const texts = [...equals, ...begins, ...ends].flatMap((text) => [text, `${text}x`, `x${text}`, text.slice(1)]);
      const sets = claims.flatMap((name) => texts.map((text) => ({ [name]: text })));
      expect(sets.some((set) => indexed.hear(set).said !== 0)).toBe(true);
      expect(differences(indexed, one, sets)).toEqual([]);
    }
  });

  it('are either texts or a quality of the value, and none of the texts is empty, which every text would begin with', () => {
    for (const { having, equals, begins, ends, claims, scopes, when } of neutralRules()) {
      const texts = [equals, begins, ends, scopes].filter((list) => list !== undefined);
      expect(texts.length > 0 && having !== undefined).toBe(false);
      expect(texts.flat()).not.toContain('');
      expect(claims !== undefined && scopes !== undefined).toBe(false);
      expect(claims ?? scopes ?? when).toBeDefined();
    }
    for (const { rules } of presetNames().map((name) => findPreset(name)!)) {
      for (const { claims, when } of rules) expect(claims ?? when).toBeDefined();
      // Each is one bit of a number.
      expect(new Set(rules.flatMap(({ claims = [] }) => claims)).size).toBeLessThanOrEqual(32);
    }
  });
});
