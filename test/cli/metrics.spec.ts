// Real: the verbs, the files of this package, a folder to write into. Faked: the process's streams.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runCommand } from '../../src/cli/command.js';
import { packageFile } from '../../src/cli/package-file.js';

const folder = mkdtempSync(join(tmpdir(), 'metrics-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function metrics(...args: readonly string[]): Promise<{ code: number; out: string; error: string }> {
  const written = { out: '', error: '' };
  const code = await runCommand(['metrics', ...args], {
    out: (text) => (written.out += `${text}\n`),
    error: (text) => (written.error += `${text}\n`),
    stdin: () => Promise.resolve(''),
  });
  return { code, ...written };
}

describe.each([
  ['grafana', 'grafana/auth-services.json'],
  ['rules', 'prometheus/rules.yml'],
])('metrics %s', (verb, path) => {
  const expected = readFileSync(path, 'utf8');

  it('writes the file to standard output and nothing else, so that it can be redirected', async () => {
    expect(await metrics(verb)).toEqual({ code: 0, out: expected, error: '' });
  });

  it('writes it into a file that is not there yet, and says so beside it', async () => {
    const file = join(folder, `new-${verb}`);
    expect(await metrics(verb, '--out', file)).toEqual({ code: 0, out: '', error: `wrote ${file}\n` });
    expect(readFileSync(file, 'utf8')).toBe(expected);
  });

  it('leaves a file alone that somebody may have made his own, unless told to replace it', async () => {
    const file = join(folder, `own-${verb}`);
    writeFileSync(file, 'thresholds of my own');
    const { code, error } = await metrics(verb, '--out', file);
    expect({ code, error }).toEqual({
      code: 1,
      error: `metrics ${verb} failed: ${file} is there already. --force replaces it.\n`,
    });
    expect(readFileSync(file, 'utf8')).toBe('thresholds of my own');
    expect((await metrics(verb, '--force', '--out', file)).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(expected);
  });

  it('says in one line when the file cannot be written', async () => {
    const { code, error } = await metrics(verb, '--out', join(folder, 'no', 'such', 'folder'));
    expect(code).toBe(1);
    expect(error).toMatch(/^metrics \w+ failed: .*ENOENT.*\n$/);
  });

  it.each([[['--out']], [['--out', '']], [['--out', '--force']], [['--force']], [['out.txt']], [['--out', 'a', 'b']]])(
    'takes %j for a mistake and writes nothing',
    async (args) => {
      expect(await metrics(verb, ...args)).toMatchObject({ code: 3, out: '' });
    },
  );
});

describe('packageFile', () => {
  it('finds the package behind the link that npm makes for a command, and above dist/cjs, which has a package.json too', () => {
    const root = join(folder, 'node_modules', 'nestjs-auth-services');
    mkdirSync(join(root, 'dist', 'cjs', 'cli'), { recursive: true });
    writeFileSync(join(root, 'package.json'), '{"name":"nestjs-auth-services"}');
    writeFileSync(join(root, 'dist', 'cjs', 'package.json'), '{"type":"commonjs"}');
    writeFileSync(join(root, 'dist', 'cjs', 'cli', 'main.js'), '');
    writeFileSync(join(root, 'note.txt'), 'found');
    const link = join(folder, 'command');
    symlinkSync(join(root, 'dist', 'cjs', 'cli', 'main.js'), link);
    expect(packageFile('note.txt', link)).toBe('found');
  });

  it('says so where there is no package above the program, as in a bundle', () => {
    const lone = join(folder, 'bundle.js');
    writeFileSync(lone, '');
    expect(() => packageFile('note.txt', lone)).toThrow(`the package of ${lone} was not found`);
  });
});
