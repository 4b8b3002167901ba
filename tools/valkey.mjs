// npm run test:valkey: the tests of the storage in Redis, with a Valkey in Redis's place. The server is taken from the path, or
// from VALKEY_SERVER, or from Debian's packages, which are unpacked beside the project and installed nowhere.
// Arguments go to Jest: npm run test:valkey -- test/redis/contract
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { find } from './needs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'node_modules/.cache/valkey');
const unpacked = join(folder, 'usr/bin/valkey-server');
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

const run = (command, args, options = {}) => spawnSync(command, args, { encoding: 'utf8', cwd: folder, ...options });

/** The packages of this release, and where it has none, as Debian 12, those of its backports. */
function unpack() {
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['lists', 'cache']) mkdirSync(join(folder, part, 'partial'), { recursive: true });
  if (!download([]) && !download(backports())) return false;
  const packages = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  return packages.every((name) => run('dpkg', ['-x', name, folder]).status === 0) && existsSync(unpacked);
}

const download = (options) => run('apt-get', [...options, 'download', 'valkey-server', 'valkey-tools']).status === 0;

/** What makes apt look there and nowhere else, and change nothing of the machine's own lists. */
function backports() {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const targets = run('apt-get', ['indextargets', '--format', '$(CODENAME) $(REPO_URI)', 'Created-By: Packages']);
  const archive = targets.stdout
    .split('\n')
    .find((line) => line.startsWith(`${codename} `))
    ?.split(' ')[1];
  const signed = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : '';
  writeFileSync(join(folder, 'backports.list'), `deb ${signed}${archive} ${codename}-backports main\n`);
  const options = [
    `Dir::Etc::sourcelist=${join(folder, 'backports.list')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
  ].flatMap((option) => ['-o', option]);
  run('apt-get', [...options, 'update']);
  return options;
}

const found = process.env.VALKEY_SERVER ?? find('valkey-server');
const program = found ?? (existsSync(unpacked) || unpack() ? unpacked : undefined);
if (program === undefined) {
  console.error('There is no valkey-server in the path, and no package of it: name one by VALKEY_SERVER.');
  process.exit(1);
}
const version = run(program, ['--version'], { cwd: root }).stdout?.trim() ?? '';
if (!version.startsWith('Valkey server')) {
  console.error(`${program} is no Valkey server: it says ${JSON.stringify(version)}.`);
  process.exit(1);
}
console.log(version);

const args = process.argv.length > 2 ? process.argv.slice(2) : ['test/redis', 'test/e2e/redis.spec'];
const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const env = { ...process.env, REDIS_SERVER: program };
const { status } = spawnSync(process.execPath, [...jest, ...args], { cwd: root, env, stdio: 'inherit' });
process.exit(status ?? 1);
