// Real: the built package, and Node in processes of its own. Bounds, not records: npm run bench -- package measures.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}

const pack = (): Packed => {
  const report = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString(),
  ) as Packed[] | Record<string, Packed>;
  return Object.values(report)[0]!;
};

/** The modules of ours that Node reads for an entry. */
function modulesOf(entry: string): string[] {
  const found = new Set([entry]);
  for (const file of found) {
    for (const [, to] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'"]*['"](\.[^'"]+)['"]/gm)) {
      found.add(join(dirname(file), to!));
    }
    for (const [, to] of readFileSync(file, 'utf8').matchAll(/^\} from ['"](\.[^'"]+)['"]/gm))
      found.add(join(dirname(file), to!));
  }
  return [...found];
}

const said = (script: string): string =>
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();

describe('the package', () => {
  it('stays small, because every container carries it', () => {
    const { size, unpackedSize, entryCount } = pack();
    expect(size).toBeLessThan(750_000);
    expect(unpackedSize).toBeLessThan(3_500_000);
    expect(entryCount).toBeLessThan(1200);
  });

  it('is read in a handful of files, because each file that Node has to find costs more than what is in it', () => {
    const modules = modulesOf('dist/esm/index.js');
    const bytes = modules.map((file) => statSync(file).size).reduce((sum, size) => sum + size, 0);
    expect(modules.length).toBeLessThan(12);
    expect(bytes).toBeLessThan(600_000);
    expect(bytes).toBeGreaterThan(100_000);
  });

  it('starts nothing when it is imported: no timer, no handle, no file', () => {
    expect(
      said(`import 'nestjs-auth-services'; import 'nestjs-auth-services/testing';
            console.log(JSON.stringify(process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate|TCP|UDP|Worker|MessagePort|FSEvent|Process/.test(name))));`),
    ).toBe('[]');
  });

  it('keeps the names of its classes, by which Nest and our own messages call them', () => {
    expect(
      said(`import * as all from 'nestjs-auth-services';
            console.log(JSON.stringify(Object.entries(all).filter(([name, value]) => typeof value === 'function' && value.name !== name).map(([name]) => name)));`),
    ).toBe('[]');
  });
});
