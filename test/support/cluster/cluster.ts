import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../app.js';

interface Fact {
  readonly listening?: number;
  readonly everybody?: number;
  readonly alone?: number;
  readonly ended?: number;
}

/** A real cluster of an application, on one port, with a folder in which its workers share their counts. */
export interface RunningCluster {
  /** The workers that listen, by process id. */
  readonly workers: ReadonlyMap<number, { readonly port: number }>;
  readonly directory: string;
  /** Answered by whichever worker gets the connection. */
  ask(path: '/metrics' | '/snapshot'): Promise<string>;
  /** Lets one worker count so many successes, and one failure. */
  count(pid: number, successes: number): Promise<void>;
  /** Ends one worker, and resolves when another one has taken its place. */
  end(pid: number, how: 'exit' | 'crash' | 'SIGTERM' | 'SIGKILL'): Promise<void>;
  files(): string[];
  stop(): Promise<void>;
}

export async function startCluster(writeEveryMs: number, size: number): Promise<RunningCluster> {
  const directory = mkdtempSync(join(tmpdir(), 'shared-metrics-'));
  const script = resolve('test/support/cluster/application.mjs');
  const primary = spawn(process.execPath, [script, directory, String(writeEveryMs), String(size)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const workers = new Map<number, { port: number }>();
  let everybody = 0;
  createInterface(primary.stdout).on('line', (line) => {
    const fact = JSON.parse(line) as Fact;
    if (fact.ended !== undefined) workers.delete(fact.ended);
    if (fact.listening === undefined) return;
    workers.set(fact.listening, { port: fact.alone! });
    everybody = fact.everybody!;
  });
  await until(() => workers.size === size, 'all workers listen', 60_000);
  const order = (pid: number, path: string): Promise<string> => fresh(workers.get(pid)!.port, path);
  return {
    workers,
    directory,
    ask: (path) => fresh(everybody, path),
    count: async (pid, successes) => void (await order(pid, `/count/${successes}`)),
    end: async (pid, how) => {
      if (how === 'exit' || how === 'crash') await order(pid, `/${how}`);
      else process.kill(pid, how);
      await until(() => !workers.has(pid) && workers.size === size, 'another worker has taken its place', 60_000);
    },
    files: () => readdirSync(directory),
    stop: async () => {
      const ended = new Promise((done) => primary.once('exit', done));
      primary.kill('SIGTERM');
      await ended;
      for (const pid of workers.keys()) if (isRunning(pid)) process.kill(pid, 'SIGKILL');
      await until(() => [...workers.keys()].every((pid) => !isRunning(pid)), 'the workers have ended', 60_000);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** On a connection of its own, so that the workers take turns. */
function fresh(port: number, path: string): Promise<string> {
  return new Promise((done, failed) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk)).on('end', () => done(text));
    }).on('error', failed);
  });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
