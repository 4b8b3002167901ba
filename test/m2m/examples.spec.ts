// Real: the detector on every documented claim set of the fixture files. Nothing is faked.
import { describe, expect, it } from '@jest/globals';
import { M2MTokenDetector } from '../../src/m2m/m2m-token-detector.js';
import { NeutralRule } from '../../src/m2m/neutral-rule.js';
import { allPresets } from '../../src/m2m/presets/index.js';
import { neutralRules } from '../../src/m2m/rules.js';
import { asClaims } from '../../src/m2m/claims-reader.js';
import type { Rule } from '../../src/m2m/rules/rule.js';
import type { TokenKind } from '../../src/m2m/token-verdict.js';
import { examples, foundExamples, moreExamples, PRESET_OF, rightVerdicts, type TokenExample } from './examples.js';

const neutral = new M2MTokenDetector();
const all = [...examples, ...moreExamples, ...foundExamples];

const isRight = (example: TokenExample, kind: TokenKind): boolean => rightVerdicts(example).includes(kind);
const mayBeMachine = (example: TokenExample): boolean => rightVerdicts(example).includes('m2m');
const share = (list: readonly TokenExample[], right: (example: TokenExample) => boolean): number =>
  list.filter(right).length / list.length;
const idsOf = (list: readonly TokenExample[]): string[] => list.map(({ id }) => id);

function detectorFor({ provider }: TokenExample): M2MTokenDetector {
  const preset = PRESET_OF[provider];
  return preset === undefined ? neutral : new M2MTokenDetector({ provider: preset });
}

describe.each([
  ['the field notes', examples],
  ['further providers', moreExamples],
  ['what was found elsewhere', foundExamples],
])('the examples of %s', (_name, list) => {
  it('make no person, no nobody and nothing malformed a machine, because checks meant for people would be skipped', () => {
    const wrong = list.filter((example) => !mayBeMachine(example) && neutral.classify(example.claims).kind === 'm2m');
    expect(idsOf(wrong)).toEqual([]);
  });

  it('are judged right by the neutral rule for at least nine in ten', () => {
    expect(share(list, (example) => isRight(example, neutral.classify(example.claims).kind))).toBeGreaterThan(0.9);
  });

  it('are only ever missed as "unknown", because a wrong word is worse than none', () => {
    const missed = list.filter((example) => !isRight(example, neutral.classify(example.claims).kind));
    expect(missed.map(({ claims }) => neutral.classify(claims).kind)).toEqual(missed.map(() => 'unknown'));
    expect(missed.filter(({ needs }) => needs === 'none')).toEqual([]);
  });

  it.each(list.map((example) => [example.id, example] as const))(
    "%s is right with its provider's preset: kind, client and scopes",
    (_id, example) => {
      const verdict = detectorFor(example).classify(example.claims);
      expect(rightVerdicts(example)).toContain(verdict.kind);
      expect(verdict.clientId).toBe(example.expected_client_id);
      expect([...verdict.scopes].toSorted()).toEqual([...example.expected_scopes].toSorted());
    },
  );

  it('have the right client and scopes without a preset, too', () => {
    for (const example of list.filter(({ needs }) => needs === 'none')) {
      const { clientId, scopes } = neutral.classify(example.claims);
      expect([example.id, clientId]).toEqual([example.id, example.expected_client_id]);
      expect([example.id, [...scopes].toSorted()]).toEqual([example.id, [...example.expected_scopes].toSorted()]);
    }
  });
});

describe('what the rules know of no provider', () => {
  const rules = neutralRules();
  const kindBy = (rule: NeutralRule, claims: unknown): TokenKind => {
    const set = asClaims(claims);
    return set === undefined ? 'unknown' : rule.judge(set).kind;
  };
  // The made-up contradictions are left out: each rests on the one rule that it contradicts.
  const documented = all.filter(({ provider }) => provider !== 'contradiction');
  const isStandard = ({ source }: Rule): boolean =>
    ['https://www.rfc-editor.org/', 'https://openid.net/'].some((host) => source.startsWith(host));

  it('is enough for two in three, and makes nobody a machine, with the rules of the specifications alone', () => {
    const standard = new NeutralRule(rules.filter(isStandard));
    const wrong = documented.filter((example) => !mayBeMachine(example) && kindBy(standard, example.claims) === 'm2m');
    expect(idsOf(wrong)).toEqual([]);
    expect(share(documented, (example) => isRight(example, kindBy(standard, example.claims)))).toBeGreaterThan(0.65);
  });

  it('makes nobody a machine when any one rule of any provider is missing', () => {
    for (const missing of rules.filter((rule) => !isStandard(rule))) {
      if (missing.says === 'no-caller' || missing.says === 'malformed') continue;
      const without = new NeutralRule(rules.filter((rule) => rule !== missing));
      const wrong = documented.filter((example) => !mayBeMachine(example) && kindBy(without, example.claims) === 'm2m');
      expect([missing.name, idsOf(wrong)]).toEqual([missing.name, []]);
    }
  });
});

describe('a rule', () => {
  it('has a name of its own, words, and the page that says so', () => {
    const rules = neutralRules();
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { name, words, source } of rules) {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      expect(words).not.toBe('');
      expect(new URL(source).protocol).toBe('https:');
    }
  });
});

describe('a preset', () => {
  it('has the pages of its provider, and rules with names of their own', () => {
    for (const { name, sources, rules } of allPresets()) {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      expect(sources.length).toBeGreaterThan(0);
      for (const source of sources) expect(new URL(source).protocol).toBe('https:');
      for (const { source = sources[0] } of rules) expect(sources).toContain(source);
      expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
    }
  });

  it('has a name nobody else has', () => {
    const names = allPresets().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('never makes a machine of an ID token, whichever preset was chosen by mistake', () => {
    const idTokens = all.filter((example) => example.kind === 'human' && hasNonce(example.claims));
    expect(idTokens.length).toBeGreaterThan(5);
    for (const { name } of allPresets()) {
      const detector = new M2MTokenDetector({ provider: name });
      const wrong = idTokens.filter(({ claims }) => detector.isM2MToken(claims));
      expect([name, idsOf(wrong)]).toEqual([name, []]);
    }
  });
});

function hasNonce(claims: unknown): boolean {
  return Object.hasOwn(Object(claims) as object, 'nonce');
}
