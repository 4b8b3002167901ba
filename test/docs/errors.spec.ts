// Real: the source and docs/60-errors.md, read as text. Every code that somebody can meet has its entry there, with cause and cure.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { REFUSAL_CATEGORIES } from '../../src/request/refusal-category.js';

const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join('src', file), 'utf8'));
const page = readFileSync(
  readdirSync('docs')
    .map((file) => join('docs', file))
    .find((file) => file.endsWith('60-errors.md'))!,
  'utf8',
);

/** Each entry's text, by the code in its heading. */
const entries = new Map(
  page
    .split(/^#{2,3} /m)
    .map((section) => /^`(\w+)`\n+([\s\S]*)$/.exec(section))
    .filter((match) => match !== null)
    .map(([, code, text]) => [code!, text!.trim()]),
);
const rows = new Map(
  [...page.matchAll(/^\| `(\w+)` +\| ([^|]+)\| ([^|]+)\|$/gm)].map(([, code, ...cells]) => [code!, cells]),
);

/** The members of a union type of literals, as it is written in the source. */
function membersOf(union: string): string[] {
  const text = source.map((file) => new RegExp(`export type ${union} =([^;]+);`).exec(file)?.[1]).find(Boolean) ?? '';
  return [...text.matchAll(/'(\w+)'/g)].map(([, member]) => member!);
}

const thrown = new Set(
  source.flatMap((file) => [...file.matchAll(/ERR_AUTH_SERVICES_[A-Z0-9_]*[A-Z0-9]/g)].map(([code]) => code)),
);
const refusals = membersOf('RefusalCode');
const categories: readonly string[] = REFUSAL_CATEGORIES;

describe('docs/errors', () => {
  it('is read against a source in which codes are found, or this file would prove nothing', () => {
    expect(thrown.size).toBeGreaterThanOrEqual(14);
    expect(refusals).toContain('rate_limited');
    expect(categories).toContain('expired_token');
  });

  it.each([...thrown, ...refusals])('says of %s what causes it and what cures it', (code) => {
    expect(entries.get(code)?.length ?? 0).toBeGreaterThan(60);
  });

  it.each(categories)(
    'says of the reason %s, which only the audit trail tells, where it comes from and what to do',
    (code) => {
      expect(rows.get(code)?.map((cell) => cell.trim().length > 3)).toEqual([true, true]);
    },
  );

  it('has no entry for a code that nothing throws, because a reader would look for it in vain', () => {
    expect([...entries.keys()].filter((code) => !thrown.has(code) && !refusals.includes(code))).toEqual([]);
    expect([...rows.keys()].filter((code) => !categories.includes(code))).toEqual([]);
  });

  it('knows of no error that is thrown without a code, bugs and the doings of a test’s helper aside', () => {
    // Each with its reason: they are caught and counted where they arise, or they fail a test on purpose.
    const allowed: Readonly<Record<string, RegExp>> = {
      'caught and counted by the one who calls':
        /audit\.interceptor|chain\/|evaluator|store-gate|shared-metrics|memory\/segment|passport-adapter|redis\//,
      'told to whoever typed the command, with an exit code': /^cli\//,
      'fails a test, as an assertion does': /testing\/(?:recording-audit-sink|.*contract)/,
    };
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const bare = files.filter((file) =>
      /throw new (?:Type|Range|Syntax)?Error\(/.test(readFileSync(join('src', file), 'utf8')),
    );
    expect(bare.filter((file) => !Object.values(allowed).some((pattern) => pattern.test(file)))).toEqual([]);
  });
});
