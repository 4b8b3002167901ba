// Builds a sample and runs it as a process of its own, on a free port of the loopback.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const nest = `${root}node_modules/@nestjs/cli/bin/nest.js`;
const { projects } = JSON.parse(readFileSync(`${root}nest-cli.json`, 'utf8'));

export const sampleNames = Object.keys(projects).filter((name) => projects[name].type === 'application');

export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** The package must be built. Resolves once the sample says where it listens. */
export async function startSample(name, deadlineMs = 30_000) {
  const build = spawnSync(process.execPath, [nest, 'build', name], { cwd: root, encoding: 'utf8' });
  if (build.status !== 0) throw new Error(`does not build:\n${build.stdout}${build.stderr}`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [`${root}dist-sample/${name}/${projects[name].entryFile}.js`], {
    cwd: root,
    env: { ...process.env, PORT: String(port) },
  });
  /** Resolves when it has ended; what does not end by itself is no good sample. */
  const stop = async () => {
    child.removeAllListeners('exit');
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    const [, signal] = await ended;
    clearTimeout(timer);
    if (signal === 'SIGKILL') throw new Error(`has not ended ${STOP_MS} ms after SIGTERM`);
  };
  try {
    return { url, port, output: await started(child, url, deadlineMs), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const STOP_MS = 20_000;

/** What the sample has printed when it says where it listens. */
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
