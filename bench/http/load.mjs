// Starting the servers of the benchmark, and asking them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

/** Whatever happens, no server outlives this process. */
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** A server that prints one line `{"ready":true,"port":…,"tokens":[…]}` when it listens. */
export function startServer(mode, env) {
  const [file, ...parts] = mode.split('-');
  const script = fileURLToPath(new URL(`${file}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...env, PARTS: parts.join(','), NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const line = output.split('\n').find((text) => text.startsWith('{"ready"') && output.includes(`${text}\n`));
      if (line) resolve({ mode, child, ...JSON.parse(line) });
    });
    child.on('exit', (code) => reject(new Error(`${mode} ended with ${code} before it was ready`)));
  });
}

export async function stopServers(servers) {
  for (const { child } of servers) {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    children.delete(child);
  }
}

/** Fifty connections, each asking again as soon as it is answered, with one token after the other. */
export async function shoot({ mode, port, tokens, child }, seconds) {
  const ranBefore = mainThreadUs(child.pid);
  const { requests, latency, non2xx, errors } = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections: 50,
    duration: seconds,
    requests: tokens.map((token) => ({ path: '/data', headers: { authorization: `Bearer ${token}` } })),
  });
  if (non2xx + errors > 0) throw new Error(`${mode}: ${non2xx} answers were not 2xx, ${errors} errors`);
  const mainThreadUsEach = (mainThreadUs(child.pid) - ranBefore) / requests.total;
  return { perSecond: requests.average, p99Ms: latency.p99, mainThreadUs: mainThreadUsEach };
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** How long the process's main thread has run, in microseconds; `NaN` where the system does not tell. */
function mainThreadUs(pid) {
  const file = `/proc/${pid}/task/${pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[0]) / 1000 : Number.NaN;
}
