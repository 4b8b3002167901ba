// Real: the folder, its files, the signal that asks whether a process runs. Faked: which process we are, because containers
// that share a folder may each have a process 1 and one host name. Workers of a cluster are in shared-metrics.spec.ts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MetricsCollector } from '../../src/index.js';
import { totalsOf } from '../../src/metrics/metrics-totals.js';
import { SharedFolder, type ProcessIdentity } from '../../src/metrics/shared-folder.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'shared-folder-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const inContainer = (namespace: string, more: Partial<ProcessIdentity> = {}): ProcessIdentity => ({
  place: `orders-api pid:[${namespace}]`,
  pid: 1,
  startedAt: 1_800_000_000_000.25,
  ...more,
});

/** A process that has counted so many validations and written them. */
function writer(self: ProcessIdentity, validated: number): SharedFolder {
  const collector = new MetricsCollector();
  for (let index = 0; index < validated; index++) collector.recordValidationSuccess(1);
  const folder = new SharedFolder(directory, self);
  folder.write(totalsOf(collector.state));
  return folder;
}
const seenBy = (folder: SharedFolder) =>
  folder.others().map((other) => [other.totals.succeeded, folder.isGone(other)] as const);

describe('containers that share a folder', () => {
  it('add up, though each is process 1 of one host name, and neither takes the other for dead', () => {
    const first = writer(inContainer('4026531836'), 3);
    const second = writer(inContainer('4026532001'), 5);
    expect(first.id).not.toBe(second.id);
    expect(seenBy(first)).toEqual([[5, false]]);
    expect(seenBy(second)).toEqual([[3, false]]);
    expect(readdirSync(directory)).toHaveLength(2);
  });

  it('do not judge a process of another container by a process id that nobody has here', () => {
    const gone = spawnSync(process.execPath, ['-e', '0']).pid;
    const here = writer(inContainer('4026531836'), 0);
    writer(inContainer('4026532001', { pid: gone }), 4);
    expect(seenBy(here)).toEqual([[4, false]]);
    writer(inContainer('4026531836', { pid: gone }), 6);
    expect(seenBy(here).toSorted(([a], [b]) => a - b)).toEqual([
      [4, false],
      [6, true],
    ]);
  });

  it('take over from their own life before, which had the same process id, so that restarts leave no file behind', () => {
    writer(inContainer('4026531836'), 7);
    const restarted = writer(inContainer('4026531836', { startedAt: 1_800_000_060_000.5 }), 0);
    const [before] = restarted.others();
    expect(restarted.isGone(before!)).toBe(true);
    let taken = 0;
    restarted.adopt(before!.id, (totals) => {
      taken = totals.succeeded;
      restarted.write(totals);
    });
    expect(taken).toBe(7);
    expect(restarted.others()).toEqual([]);
    expect(readdirSync(directory)).toEqual([`${restarted.id}.json`]);
  });

  it('know two collectors of one process for two that live', () => {
    const [one, other] = [writer(inContainer('4026531836'), 1), writer(inContainer('4026531836'), 2)];
    expect([seenBy(one), seenBy(other)]).toEqual([[[2, false]], [[1, false]]]);
  });
});
