// Real: sinks on a real directory, read back while they are written. Faked: a disk that holds a sync back.
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { nodeFs, type ChainFs } from '../../../src/audit/chain/chain-fs.js';
import type { AuditPosition, StoredAuditEvent } from '../../../src/audit/audit-sink.js';
import { FileAuditSink } from '../../../src/audit/sinks/file-audit-sink.js';
import { event, ownDirectory, turns } from '../support.js';

const directoryOf = ownDirectory();

async function read(sink: FileAuditSink, after?: AuditPosition): Promise<StoredAuditEvent[]> {
  const found: StoredAuditEvent[] = [];
  for await (const stored of sink.read(after)) found.push(stored);
  return found;
}
const indexes = (found: readonly StoredAuditEvent[]): unknown[] =>
  found.map((stored) => stored.event.metadata?.['index']);

describe('what another sink resumes from', () => {
  it('is every stored event with its place, over segments and over the starts of the process', async () => {
    const directory = directoryOf();
    const first = new FileAuditSink({ directory, maxSegmentBytes: 4096 });
    for (let index = 0; index < 40; index++) await first.write([event(index, { path: '/'.padEnd(300, 'x') })]);
    await first.close();
    const second = new FileAuditSink({ directory });
    const receipts = await second.append([event(40), event(41)]);
    const all = await read(second);
    expect(indexes(all)).toEqual(Array.from({ length: 42 }, (_, index) => index));
    expect(all.slice(-2)).toEqual([
      { ...receipts[0], event: event(40) },
      { ...receipts[1], event: event(41) },
    ]);
    expect(indexes(await read(second, all[29]))).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41]);
    expect(await read(second, receipts[1])).toEqual([]);
    await second.close();
  });

  it('holds back what is written but not synced, because a failed sync takes it out again', async () => {
    const directory = directoryOf();
    const held: (() => void)[] = [];
    let holds = false;
    const files: ChainFs = {
      ...nodeFs,
      fdatasync: (fd, done) => (holds ? held.push(() => nodeFs.fdatasync(fd, done)) : nodeFs.fdatasync(fd, done)),
    };
    const sink = new FileAuditSink({ directory }, files);
    await sink.write([event(0)]);
    holds = true;
    const second = sink.write([event(1)]);
    while (held.length === 0) await turns(1);
    expect(indexes(await read(sink))).toEqual([0]);
    held[0]!();
    await second;
    expect(indexes(await read(sink))).toEqual([0, 1]);
  });

  it('survives a damaged line, a torn end and a directory that is not there yet', async () => {
    const directory = join(directoryOf(), 'later');
    const sink = new FileAuditSink({ directory });
    expect(await read(sink)).toEqual([]);
    await sink.write([event(0), event(1)]);
    const file = join(directory, fs.readdirSync(directory)[0]!);
    const host = sink.chain.slice(0, -37);
    fs.writeFileSync(
      join(directory, `${host}.00000000-0000-4000-8000-000000000000-000001.jsonl`),
      `no json\n${fs.readFileSync(file, 'utf8').slice(0, -20)}`,
    );
    expect(indexes(await read(sink))).toEqual([0, 1]);
  });
});
