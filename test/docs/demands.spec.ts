// Real: docs/16-rate-limiting-demands.md and the tests it points to, read as text. A row without a test would be a claim.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const page = readFileSync('docs/16-rate-limiting-demands.md', 'utf8');
const rows = [...page.matchAll(/^\| (\d+) +\|[^|]+\|[^|]+\|([^|]+)\|$/gm)].map(([, number, shown]) => ({
  number: Number(number),
  tests: [...shown!.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, words, file]) => ({ words: words!, file: file! })),
}));

describe('each demand', () => {
  it('has its row', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 23 }, (_, index) => index + 1));
  });

  it.each(rows)('$number is shown by a test whose name has the words of the link', ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    const names = (file: string): string =>
      readFileSync(join('docs', file), 'utf8')
        .match(/['`].*[a-z].*['`]/g)!
        .join('\n');
    expect(tests.filter(({ words, file }) => !names(file).includes(words))).toEqual([]);
  });
});
