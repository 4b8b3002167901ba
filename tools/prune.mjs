// Takes out of the built package what no entry reaches: declarations of what is internal, CommonJS files that held only types.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const IMPORTS = /(?:from|import|require)\s*\(?\s*['"](\.[^'"]+)\.js['"]/g;

/** Keeps of all files with this ending those that the entries reach. */
export function prune(folder, ending, entries) {
  const kept = new Set(entries);
  for (const file of kept) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(IMPORTS)) {
      const found = resolve(dirname(file), path + ending);
      if (!existsSync(found)) throw new Error(`${file} names ${path}${ending}, which is not there`);
      kept.add(found);
    }
  }
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = resolve(folder, name);
    if (file.endsWith(ending) && !kept.has(file)) rmSync(file);
  }
}
