// A real Prometheus on a free port of the loopback, with a folder of its own that is gone when it stops.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './sample.mjs';

/** `config` is what stands in prometheus.yml; JSON will do. Paths in it must be absolute. */
export async function startPrometheus(config, deadlineMs = 30_000) {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, config);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn('prometheus', [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]);
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve((said += error.message)));
    child.once('exit', resolve);
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };

  /** Answers with `data` of the HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/). */
  const get = async (path, parameters = {}) => {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = await response.json();
    if (status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`);
    return data;
  };
  const query = async (expression, at) =>
    (await get('query', { query: expression, ...(at !== undefined && { time: String(at) }) })).result;
  const queryRange = async (expression, start, end, step) =>
    (await get('query_range', { query: expression, start, end, step })).result;

  for (const end = Date.now() + deadlineMs; ; await sleep(50)) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return { url, get, query, queryRange, stop };
    if (child.exitCode !== null || child.pid === undefined || Date.now() > end) {
      await stop();
      throw new Error(`Prometheus did not start (Debian: apt-get install prometheus):\n${said}`);
    }
  }
}
