import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Reads a file that comes with the package. It is looked for above the program that runs, which is dist/esm/cli/main.js or
 * dist/cjs/cli/main.js behind a link of npm's: neither format has a way to ask for its own place that the other knows.
 *
 * @param program Where the program lies; what `process.argv[1]` says.
 */
export function packageFile(path: string, program: string | undefined = process.argv[1]): string {
  let folder = dirname(realpathSync(program ?? '.'));
  while (!isOurs(folder)) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`the package of ${program} was not found, and ${path} is in it`);
    folder = above;
  }
  return readFileSync(join(folder, path), 'utf8');
}

/** dist/cjs has a package.json as well, which only says that it is CommonJS. */
function isOurs(folder: string): boolean {
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return false;
  const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown };
  return name === 'nestjs-auth-services';
}
