// npm run bench -- NAME [options]: builds the package, brings the peers, and prints a table of ratios.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const names = readdirSync(`${root}bench`)
  .filter((file) => file.endsWith('.mjs') && file !== 'run.mjs')
  .map((file) => file.slice(0, -4));
const [name, ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`usage: npm run bench -- ${names.join(' | ')}`);
  process.exit(3);
}
const run = (command, ...rest) => {
  const { status } = spawnSync(command, rest, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
// What npm installed last stands here, and is as old as that.
const installed = `${root}bench/node_modules/.package-lock.json`;
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(`${root}bench/package-lock.json`).mtimeMs) {
  console.log('installing the peers into bench/node_modules');
  run('npm', 'ci', '--prefix', 'bench', '--legacy-peer-deps', '--no-audit', '--no-fund');
}
console.log('building the package');
run(process.execPath, 'tools/build.mjs');
run(process.execPath, '--expose-gc', `bench/${name}.mjs`, ...args);
