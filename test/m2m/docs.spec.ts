// Real: the page and the presets. Nothing is faked.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { allPresets } from '../../src/m2m/presets/index.js';

const page = readFileSync(new URL('../../docs/06-m2m-presets.md', import.meta.url), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| `') && line.includes(']('));
const cellsOf = (row: string): string[] => row.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));

describe('the table of providers', () => {
  it('has each preset once, in the order of the code', () => {
    expect(rows.map((row) => cellsOf(row)[1])).toEqual(allPresets().map(({ name }) => `\`${name}\``));
  });

  it.each(allPresets().map((preset, index) => [preset.name, preset, rows[index]!] as const))(
    'says of %s what its rules say, with every source',
    (_name, { title, rules, sources }, row) => {
      const [, , what, machine, person, , links] = cellsOf(row);
      expect(what).toBe(title);
      for (const { kind, words } of rules.filter((rule) => rule.kind !== 'unknown')) {
        expect(kind === 'm2m' ? machine : person).toContain(words);
      }
      for (const source of sources) expect(links).toContain(`(${source})`);
    },
  );
});
