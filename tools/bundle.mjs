// Puts the ES modules of each entry into one file, and what entries share into files beside them: loading two hundred small
// modules takes several times as long as loading one. Nothing is minified or renamed for the eye; declarations stay as they are.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

export async function bundle(folder) {
  const esbuild = await import('esbuild').catch(() => undefined);
  if (esbuild === undefined) {
    // The package works so as well; test/packaging/size.spec.ts does not let it be published.
    console.warn('not bundled: esbuild is not installed (npm ci brings it)');
    return;
  }
  const entries = [
    ...Object.values(manifest.exports).map((entry) => entry.import?.default),
    ...Object.values(manifest.bin),
  ];
  const { metafile } = await esbuild.build({
    entryPoints: entries.filter((path) => path !== undefined),
    outdir: folder,
    outbase: folder,
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    chunkNames: 'shared/[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    keepNames: true, // Nest and our own messages call classes by their names
    metafile: true,
    logLevel: 'warning',
  });
  const kept = new Set(Object.keys(metafile.outputs).map((path) => resolve(path)));
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = resolve(join(folder, file));
    if (path.endsWith('.js') && !kept.has(path)) rmSync(path);
  }
}
