// Real: every Markdown page of the repository. A link that leads nowhere is found here and not by a reader.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  encoding: 'utf8',
}).split('\n');
const pages = tracked.filter((file) => file.endsWith('.md') && existsSync(file));

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

const withoutCode = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
const anchorsOf = (page: string): string[] =>
  [
    ...readFileSync(page, 'utf8')
      .replaceAll(/^```[\s\S]*?^```/gm, '')
      .matchAll(/^#{1,6} (.+)$/gm),
  ].map(([, heading]) => anchorOf(heading!));

function brokenIn(page: string): string[] {
  const links = [
    ...withoutCode(readFileSync(page, 'utf8')).matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)|(?:src|href)="([^"]+)"/g),
  ].map(([, a, b]) => (a ?? b)!);
  return links.filter((link) => {
    if (/^(?:https?:|mailto:)/.test(link)) return false;
    const [path, anchor] = link.split('#') as [string, string?];
    const target = path === '' ? page : join(dirname(page), decodeURI(path));
    if (!existsSync(target)) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor);
  });
}

describe('the pages', () => {
  it('are found', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md']));
  });

  it('of docs/ are numbered, so that they have an order, and all in the index', () => {
    const numbered = pages.filter((page) => /^docs\/[^/]+\.md$/.test(page) && page !== 'docs/README.md');
    const index = readFileSync('docs/README.md', 'utf8');
    expect(
      numbered.filter((page) => !/^docs\/\d\d-/.test(page) || !index.includes(`(${page.slice('docs/'.length)})`)),
    ).toEqual([]);
    expect(new Set(numbered.map((page) => page.slice(5, 7))).size).toBe(numbered.length);
  });

  it('stand in the index in their order, each with its own number', () => {
    const rows = [...readFileSync('docs/README.md', 'utf8').matchAll(/\[(\d\d) [^\]]+\]\((\d\d)-/g)];
    const shown = rows.map(([, number]) => number!);
    expect(shown).toEqual(rows.map(([, , number]) => number));
    expect(shown).toEqual([...new Set(shown)].toSorted((a, b) => a.localeCompare(b)));
  });

  it.each(pages)('link to files and headings that exist: %s', (page) => {
    expect(brokenIn(page)).toEqual([]);
  });
});
