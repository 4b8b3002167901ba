// Starts each sample once, as its README says, and asks it something: a sample that does not run is worse than none.
// usage: node tools/samples.mjs [NAME …]   (the package must be built)
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const nest = `${root}node_modules/@nestjs/cli/bin/nest.js`;
const { projects } = JSON.parse(readFileSync(`${root}nest-cli.json`, 'utf8'));
const all = Object.keys(projects).filter((name) => projects[name].type === 'application');
const names = process.argv.length > 2 ? process.argv.slice(2) : all;

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Resolves with what the sample has printed once it says where it listens. */
function started(child, url, deadlineMs) {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => reject(new Error(`not up after ${deadlineMs} ms:\n${output}`)), deadlineMs);
    const settle = (finish, value) => {
      clearTimeout(timer);
      finish(value);
    };
    const read = (chunk) => {
      output += chunk;
      if (output.includes(url)) settle(resolve, output);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => settle(reject, new Error(`ended with ${code}:\n${output}`)));
  });
}

async function check(name) {
  const build = spawnSync(process.execPath, [nest, 'build', name], { cwd: root, encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`does not build:\n${build.stdout}${build.stderr}`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [`${root}dist-sample/${name}/${projects[name].entryFile}.js`], {
    cwd: root,
    env: { ...process.env, PORT: String(port) },
  });
  try {
    const output = await started(child, url, 30_000);
    const { ask } = await import(`${root}sample/${name}/ask.mjs`);
    return await ask(url, output);
  } finally {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
  }
}

let failed = 0;
for (const name of names) {
  const start = performance.now();
  try {
    const said = await check(name);
    console.log(`ok   ${name}: ${said} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed++;
    console.error(`FAIL ${name}: ${error.message}`);
  }
}
if (failed > 0 || names.length === 0) process.exit(1);
