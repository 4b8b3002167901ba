// What every leg works with: the tarball, folders with packages from the registry, other Nodes, and commands with a deadline.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const CACHE = join(ROOT, '.cache', 'compat');
const CONSUMERS = join(ROOT, 'tools', 'compat', 'consumers');

/** The sub-paths that a user can import, as `nestjs-auth-services/jwt`. */
export const ENTRIES = Object.keys(MANIFEST.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => path.replace('.', MANIFEST.name));

/**
 * What a command printed. @throws Error with the end of it, if the command fails or takes longer than `seconds`.
 * `isShown`: its standard error goes to ours as it comes, for what takes so long that one wants to look on.
 */
export function run(folder, command, args, { seconds = 240, env = {}, isShown = false } = {}) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', isShown ? 'inherit' : 'pipe'],
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
  if (status === 0) return stdout;
  const why = signal === 'SIGKILL' ? `not done after ${seconds} s` : (error?.message ?? `ended with ${status}`);
  throw new Error(`${command} ${args.join(' ')}: ${why}\n${`${stdout}${stderr ?? ''}`.slice(-6000)}`);
}

export const node = (folder, args, options) => run(folder, process.execPath, args, options);

/** A registry far away, or a busy machine, is no failure. */
const npm = (folder, ...args) =>
  run(folder, 'npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { seconds: 1800 });

let tarball;
/** The package as `npm publish` would send it, built from what is here. */
export function packed() {
  if (tarball !== undefined) return tarball;
  if (!existsSync(join(ROOT, 'dist', 'esm', 'index.js'))) node(ROOT, ['tools/build.mjs']);
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-auth-services-pack-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  npm(ROOT, 'pack', '--ignore-scripts', '--pack-destination', folder);
  tarball = join(folder, `${MANIFEST.name}-${MANIFEST.version}.tgz`);
  return tarball;
}

/** A folder that holds what `fill` put there; made once for each key, and only kept when it is complete. */
function cached(name, key, fill) {
  const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 12);
  const folder = join(CACHE, `${name}-${hash}`);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.draft-${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  fill(draft);
  renameSync(draft, folder);
  return folder;
}

/** A folder with these packages installed, as an application would have them. */
export function installed(name, dependencies) {
  return cached(name, dependencies, (folder) => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }, null, 2));
    npm(folder, 'install', '--ignore-scripts');
  });
}

const isPlaced = new Set();
/** The same with our tarball in it: npm itself judges whether the peers fit. */
export function consumer(name, dependencies) {
  const folder = installed(name, dependencies);
  if (!isPlaced.has(folder)) {
    rmSync(join(folder, 'node_modules', MANIFEST.name), { recursive: true, force: true });
    npm(folder, 'install', '--no-save', '--no-package-lock', '--ignore-scripts', packed());
    isPlaced.add(folder);
  }
  return folder;
}

/** A project of its own inside a consumer: its module format, and files from tools/compat/consumers. */
export function project(folder, name, { type, tsconfig, files }) {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'package.json'), JSON.stringify({ private: true, type }));
  if (tsconfig !== undefined) writeFileSync(join(path, 'tsconfig.json'), JSON.stringify({ compilerOptions: tsconfig }));
  for (const [to, from] of Object.entries(files)) {
    if (from.includes('\n')) writeFileSync(join(path, to), from);
    else cpSync(join(CONSUMERS, from), join(path, to));
  }
  return path;
}

/** Another Node than the one that runs this: the binary out of the npm package that carries it. */
export function nodeBinary(version) {
  if (version === process.versions.node) return process.execPath;
  const carrier = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  return join(installed(`node-${version}`, { [carrier]: version }), 'node_modules', carrier, 'bin', 'node');
}

/** A copy of this tree whose node_modules has these packages instead; the sources are fresh each time. */
export function treeWith(name, packages) {
  const lock = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const folder = cached(name, [packages, lock], (draft) => {
    run(ROOT, 'cp', ['-al', 'node_modules', join(draft, 'node_modules')]);
    // Written in place by npm, and linked to ours: it must not reach back.
    rmSync(join(draft, 'node_modules', '.package-lock.json'), { force: true });
    cpSync(join(ROOT, 'package.json'), join(draft, 'package.json'));
    const list = Object.entries(packages).map(([what, version]) => `${what}@${version}`);
    npm(draft, 'install', '--no-save', '--no-package-lock', '--legacy-peer-deps', '--ignore-scripts', ...list);
  });
  const tracked = run(ROOT, 'git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).split('\0');
  for (const top of new Set(tracked.map((file) => file.split('/')[0]))) {
    if (top !== '') rmSync(join(folder, top), { recursive: true, force: true });
  }
  for (const file of tracked) {
    if (file === '' || !existsSync(join(ROOT, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  // A repository of its own: some tests ask git which files there are.
  run(folder, 'git', ['init', '--quiet']);
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  return folder;
}
