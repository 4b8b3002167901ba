// Puts the ES modules of each entry into one file, and what entries share into files beside them: loading two hundred small
// modules takes several times as long as loading one. Nothing is minified; declarations stay as they are.
//
// Rollup, because it leaves the code as it is: a `const` stays one, which the engine folds into hot code, and no function is
// wrapped to keep its name, which would cost each closure that a request makes.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { rollup } from 'rollup';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

export async function bundle(folder) {
  const entries = [
    ...Object.values(manifest.exports).map((entry) => entry.import?.default),
    ...Object.values(manifest.bin),
  ].filter((path) => path !== undefined);
  const nameOf = (path) => relative(folder, resolve(root, path)).replace(/\.js$/, '');
  const build = await rollup({
    logLevel: 'warn',
    plugins: [{ name: 'without-comments', transform: withoutComments }],
    input: Object.fromEntries(entries.map((path) => [nameOf(path), resolve(root, path)])),
    external: (id) => isBuiltin(id) || !(id.startsWith('.') || id.startsWith('/')),
    onwarn: (warning) => {
      // TypeScript's helpers ask for one that is there already; there is none.
      if (warning.code !== 'THIS_IS_UNDEFINED') throw new Error(`the bundle: ${warning.message}`);
    },
  });
  const { output } = await build.write({
    dir: folder,
    format: 'es',
    chunkFileNames: 'shared/[hash].js',
    minifyInternalExports: false,
    experimentalMinChunkSize: 30_000,
  });
  await build.close();
  const kept = new Set(output.map(({ fileName }) => resolve(folder, fileName)));
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = resolve(join(folder, file));
    if (path.endsWith('.js') && !kept.has(path)) rmSync(path);
  }
}

/** Who reads on reads the declarations, which have all comments, or the source. */
function withoutComments(code) {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, removeComments: true };
  return { code: ts.transpileModule(code, { compilerOptions }).outputText, map: null };
}
