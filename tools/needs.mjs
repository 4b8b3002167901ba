// Finds the programs that the tests run against, or installs them, and says which it did.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const DEBIAN_PACKAGE = {
  'redis-server': 'redis-server',
  promtool: 'prometheus',
  prometheus: 'prometheus',
  initdb: 'postgresql',
};

/** Debian keeps the programs of PostgreSQL's server out of the path, by version. */
const POSTGRESQL = '/usr/lib/postgresql';

export function find(command) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
  if (existsSync(POSTGRESQL))
    folders.push(...readdirSync(POSTGRESQL).map((version) => join(POSTGRESQL, version, 'bin')));
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path));
}

/** Ends the process with the fix if a program cannot be had: a test that needs it must never be skipped in silence. */
export function need(...commands) {
  const missing = [];
  for (const command of commands) {
    const path = find(command);
    if (path === undefined) missing.push(command);
    else console.log(`found ${command}: ${path}`);
  }
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((command) => DEBIAN_PACKAGE[command]))];
  const apt = find('apt-get');
  if (apt !== undefined && process.getuid?.() === 0) {
    console.log(`installing ${packages.join(', ')} with apt-get (for ${missing.join(', ')})`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt_get = (...args) => spawnSync(apt, args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
    if (apt_get('update', '-qq') && apt_get('install', '-y', '-qq', '--no-install-recommends', ...packages)) {
      return need(...missing);
    }
  }
  console.error(
    `The tests need ${missing.join(', ')}, which are not on this machine.\n` +
      `Install them (Debian, Ubuntu: sudo apt-get install ${packages.join(' ')}; macOS: brew install redis prometheus postgresql) and run again.`,
  );
  process.exit(1);
}
