// Requests per second of a bare Nest application, of the stack that a team assembles by hand today, and of ours; each in a
// process of its own, in turns, in one run. Read the ratios: the machine is shared. On Linux the time that the main thread ran
// stands beside them, which a neighbour's load moves less.
// usage: npm run bench -- http [--adapter express|fastify] [--seconds 3] [--rounds 5] [--users 200] [--modes bare,ours]
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';

const { values } = parseArgs({
  options: {
    adapter: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    users: { type: 'string', default: '200' },
    modes: { type: 'string', default: 'bare,assembled,ours' },
  },
});
const adapters = values.adapter ? [values.adapter] : ['express', 'fastify'];
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const SERVERS = { bare: 'bare', assembled: 'assembled', ours: 'ours' };

/** Whatever happens, no server outlives this process. */
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** A server that prints one line `{"ready":true,"port":…,"tokens":[…]}` when it listens. */
function start(mode, adapter) {
  const [file, ...parts] = mode.split('-');
  const script = fileURLToPath(new URL(`http/${SERVERS[file]}.mjs`, import.meta.url));
  const env = { ...process.env, ADAPTER: adapter, USERS: values.users, PARTS: parts.join(','), NODE_ENV: 'production' };
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const line = output.split('\n').find((text) => text.startsWith('{"ready"') && output.includes(`${text}\n`));
      if (line) resolve({ mode, child, ...JSON.parse(line), rps: [], p99: [], mainUs: [] });
    });
    child.on('exit', (code) => reject(new Error(`${mode} ended with ${code} before it was ready`)));
  });
}

const shoot = ({ port, tokens }, duration) =>
  autocannon({
    url: `http://127.0.0.1:${port}`,
    connections: 50,
    duration,
    requests: tokens.map((token) => ({ path: '/data', headers: { authorization: `Bearer ${token}` } })),
  });

/** How long the process's main thread has run, in microseconds; `NaN` where the system does not tell. */
function mainThreadUs(pid) {
  const file = `/proc/${pid}/task/${pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[0]) / 1000 : Number.NaN;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const rows = [];
process.on('unhandledRejection', (error) => {
  console.error(error);
  process.exit(1);
});

for (const adapter of adapters) {
  const servers = [];
  for (const mode of values.modes.split(',')) servers.push(await start(mode, adapter));
  for (const server of servers) await shoot(server, 2);
  for (let round = 1; round <= rounds; round++) {
    for (const server of servers) {
      process.stderr.write(`\r${adapter}: round ${round} of ${rounds}, ${server.mode}          `);
      const ranBefore = mainThreadUs(server.child.pid);
      const { requests, latency, non2xx, errors } = await shoot(server, seconds);
      server.mainUs.push((mainThreadUs(server.child.pid) - ranBefore) / requests.total);
      if (non2xx + errors > 0) throw new Error(`${server.mode}: ${non2xx} answers were not 2xx, ${errors} errors`);
      server.rps.push(requests.average);
      server.p99.push(latency.p99);
    }
  }
  process.stderr.write('\n');
  const bare = median(servers[0].rps);
  const assembled = servers.find(({ mode }) => mode === 'assembled');
  const bareUs = median(servers[0].mainUs);
  for (const { mode, rps, p99, mainUs, child } of servers) {
    rows.push({
      adapter,
      server: mode,
      'requests/s': Math.round(median(rps)),
      [`of ${servers[0].mode}`]: (median(rps) / bare).toFixed(2),
      'of assembled': assembled ? (median(rps) / median(assembled.rps)).toFixed(2) : '',
      'p99 ms': median(p99),
      'main thread µs': Math.round(median(mainUs)),
      'bare / it': (bareUs / median(mainUs)).toFixed(2),
    });
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
  }
}
console.table(rows);
