// Builds the package twice, from one source: dist/esm by the Nest CLI, dist/cjs by tsc for tools that cannot require(esm).
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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
run('typescript/bin/tsc', '-p', 'tsconfig.cjs.json');
mkdirSync(`${root}dist/cjs`, { recursive: true });
writeFileSync(`${root}dist/cjs/package.json`, '{ "type": "commonjs" }\n');
const cli = `${root}dist/esm/cli/main.js`;
if (existsSync(cli)) chmodSync(cli, 0o755);
