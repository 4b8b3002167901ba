// Three workers.js under PM2 on one port: what they count together, through a reload and through the death of one.
// usage: node pm2.mjs PATH_OF_PM2   (a daemon of its own, which ends with this)
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const WORKERS = 3;
const WRITE_EVERY_MS = 1000;
const [program] = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), 'nestjs-auth-services-pm2-'));
const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
server.close();

async function pm2(...args) {
  const env = { ...process.env, PM2_HOME: join(home, 'pm2'), PM2_DISABLE_VERSION_CHECK: 'true' };
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`pm2 ${args.join(' ')} ended with ${code}:\n${said}`);
  return said;
}

/** Each time on a connection of its own, which PM2 gives to the worker whose turn it is. */
function ask(path) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: 'Bearer scraper' };
    get({ host: '127.0.0.1', port, path, agent: false, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => (response.statusCode === 200 ? resolve(body) : reject(new Error(`${path}: ${body}`))));
    }).on('error', reject);
  });
}

const scrapes = [];
const scrape = async () => {
  const found = /^auth_rate_limit_decisions_total\{decision="allowed",policy="orders"\} (\d+)/m.exec(
    await ask('/metrics'),
  );
  scrapes.push(Number(found?.[1] ?? NaN));
  return scrapes.at(-1);
};
const workers = new Set();
let asked = 0;
async function orders(count) {
  for (let n = 1; n <= count; n++) {
    workers.add(JSON.parse(await ask('/orders')).worker);
    asked++;
    if (n % 20 === 0) await scrape();
  }
}
/** What every worker says once all have written. */
async function settled(what) {
  for (let end = Date.now() + 30_000; ; await sleep(100)) {
    const counted = [];
    for (let n = 0; n < 2 * WORKERS; n++) counted.push(await scrape());
    if (counted.every((one) => one === asked)) return;
    if (Date.now() > end) throw new Error(`${what}: ${counted.join(', ')} of ${asked}`);
  }
}

try {
  const app = { name: 'workers', script: join(import.meta.dirname, 'workers.js'), exec_mode: 'cluster' };
  const patience = { wait_ready: true, listen_timeout: 60_000, kill_timeout: 20_000 };
  const env = { PORT: port, METRICS_DIRECTORY: join(home, 'metrics'), METRICS_TOKEN: 'scraper' };
  writeFileSync(
    join(home, 'workers.json'),
    JSON.stringify({ apps: [{ ...app, ...patience, instances: WORKERS, env }] }),
  );
  await pm2('start', join(home, 'workers.json'));
  await orders(300);
  await settled('three workers');

  // New ones take their places one by one, while requests go on: none is lost, and what the old ones counted stays.
  const reloaded = pm2('reload', 'workers');
  let isReloading = true;
  void reloaded.finally(() => (isReloading = false)).catch(() => undefined);
  while (isReloading) await orders(20);
  await reloaded;
  await settled('after a reload');

  // Without notice: what it had written stays.
  await sleep(2 * WRITE_EVERY_MS);
  const [{ pid }] = JSON.parse(await pm2('jlist'));
  process.kill(pid, 'SIGKILL');
  await sleep(2 * WRITE_EVERY_MS);
  await orders(100);
  await settled('after a death');

  const falls = scrapes.filter((counted, index) => counted < scrapes[index - 1]);
  if (falls.length > 0) throw new Error(`a counter fell to ${falls.join(', ')}`);
  if (workers.size < 2 * WORKERS) throw new Error(`only ${workers.size} workers were asked`);
  console.log(
    `${workers.size} workers on one port counted ${asked} of ${asked} requests, through a reload and a SIGKILL`,
  );
} finally {
  await pm2('kill');
  rmSync(home, { recursive: true, force: true });
}
