// Real: node:cluster with its workers on one port, their folder, and their deaths. Nothing is faked. Needs the build that
// `npm test` makes first.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startCluster, type RunningCluster } from '../support/cluster/cluster.js';
import { checkMetrics, seriesOf } from './promtool.js';

const SUCCESSES = 'auth_token_validations_total{result="success"}';
const FAILURES = 'auth_token_validations_total{result="failure"}';

let cluster: RunningCluster;
afterEach(() => cluster.stop());

const pids = (): number[] => [...cluster.workers.keys()];
const successes = async (): Promise<number> => seriesOf(await cluster.ask('/metrics')).get(SUCCESSES)!;

/** What is shown once every worker has written; the last thing that was seen, if that never comes. */
async function settled(expected: number): Promise<number> {
  const end = Date.now() + 20_000;
  let seen = await successes();
  while (seen !== expected && Date.now() < end) {
    await sleep(20);
    seen = await successes();
  }
  return seen;
}

describe('workers of a cluster on one port', () => {
  it('are one application to whoever asks any of them, and no counter ever falls while workers end and begin', async () => {
    cluster = await startCluster(50, 3);
    let counted = 0;
    const scrapes: number[] = [];
    const countEverywhere = async (): Promise<void> => {
      for (const pid of pids()) {
        await cluster.count(pid, 1000);
        counted += 1000;
        scrapes.push(await successes());
      }
    };
    await countEverywhere();
    for (const how of ['exit', 'crash', 'exit'] as const) {
      const [first] = pids();
      // Nothing lies between the last event and the end: it has no time to write before it is told to end.
      await cluster.count(first!, 10);
      counted += 10;
      await cluster.end(first!, how);
      scrapes.push(await successes());
      await countEverywhere();
    }
    expect(await settled(counted)).toBe(counted);
    expect(scrapes).toEqual(scrapes.toSorted((a, b) => a - b));
    // increase() as Prometheus computes it: a fall would be taken for a restart, and all that came before counted again.
    expect(scrapes.at(-1)).toBeLessThanOrEqual(counted);
  }, 120_000);

  it('show everything of every worker, dead ones too: errors by type, times, and a page that promtool can read', async () => {
    cluster = await startCluster(50, 3);
    const dead = pids()[0]!;
    for (const pid of pids()) await cluster.count(pid, 100);
    await cluster.end(dead, 'exit');
    expect(await settled(300)).toBe(300);
    const page = await cluster.ask('/metrics');
    expect(checkMetrics(page)).toEqual({ status: 0, output: '' });
    const series = seriesOf(page);
    expect(series.get(FAILURES)).toBe(3);
    expect(series.get(`auth_token_validation_errors_total{error_type="made up by ${dead}"}`)).toBe(1);
    expect(series.get('auth_token_validation_duration_seconds_count')).toBe(300);
    const snapshot = JSON.parse(await cluster.ask('/snapshot')) as Record<string, number>;
    expect(snapshot).toMatchObject({ tokensValidated: 300, tokensFailed: 3 });
    expect(snapshot['validationTimeAvgMs']).toBeCloseTo(25.3, 12);
    expect(Math.abs(snapshot['validationTimeP99Ms']! / 25.3 - 1)).toBeLessThan(0.0054);
  }, 120_000);

  it('lose of a worker that is killed without notice what it counted since it last wrote, and nothing else', async () => {
    // So seldom that it writes at its start, and when it is asked for the metrics itself.
    cluster = await startCluster(60_000, 1);
    await cluster.count(pids()[0]!, 500);
    expect(await successes()).toBe(500);
    await cluster.count(pids()[0]!, 7);
    await cluster.end(pids()[0]!, 'SIGKILL');
    expect(await successes()).toBe(500);
  }, 120_000);

  it('lose nothing of one that is killed later than it writes', async () => {
    cluster = await startCluster(20, 2);
    const [victim, other] = pids();
    await cluster.count(victim!, 500);
    await cluster.count(other!, 30);
    expect(await settled(530)).toBe(530);
    await cluster.end(victim!, 'SIGKILL');
    expect(await successes()).toBe(530);
  }, 120_000);

  it('leave one file for each that lives, however many have died', async () => {
    cluster = await startCluster(20, 2);
    for (let death = 0; death < 4; death++) {
      await cluster.count(pids()[0]!, 1);
      await cluster.end(pids()[0]!, death % 2 === 0 ? 'exit' : 'SIGKILL');
      await cluster.ask('/metrics');
    }
    await sleep(100);
    await cluster.ask('/metrics');
    expect(cluster.files().filter((name) => name.endsWith('.json'))).toHaveLength(2);
    expect(cluster.files().filter((name) => name.endsWith('.claim'))).toEqual([]);
  }, 120_000);
});
