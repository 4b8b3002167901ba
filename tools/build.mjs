// Builds the package twice, from one source: dist/esm by the Nest CLI, dist/cjs by tsc for tools that cannot require(esm).
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { prune } from './prune.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (script, ...args) => {
  const { status } = spawnSync(process.execPath, [`${root}node_modules/${script}`, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
};

rmSync(`${root}dist`, { recursive: true, force: true });
run('@nestjs/cli/bin/nest.js', 'build', 'nestjs-auth-services');
await bundle(`${root}dist/esm`);
run('typescript/bin/tsc', '-p', 'tsconfig.cjs.json');
const entries = Object.values(JSON.parse(readFileSync(`${root}package.json`, 'utf8')).exports).filter(
  (entry) => typeof entry === 'object',
);
const filesOf = (condition, kind) => entries.map((entry) => resolve(root, entry[condition][kind]));
prune(`${root}dist/esm`, '.d.ts', filesOf('import', 'types'));
prune(`${root}dist/cjs`, '.d.ts', filesOf('require', 'types'));
prune(`${root}dist/cjs`, '.js', filesOf('require', 'default'));
writeFileSync(`${root}dist/cjs/package.json`, '{ "type": "commonjs" }\n');
chmodSync(`${root}dist/esm/cli/main.js`, 0o755);
