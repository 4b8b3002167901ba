// Real: the sink on a real directory, and a checker that shares no code with it. Faked: in some, the disk under it.
import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AuditLogger } from '../../../src/audit/audit-logger.js';
import type { AuditOptions } from '../../../src/audit/audit.options.js';
import { nodeFs, type ChainFs } from '../../../src/audit/chain/chain-fs.js';
import { FileAuditSink, type FileAuditSinkOptions } from '../../../src/audit/sinks/file-audit-sink.js';
import { auditSinkContract } from '../../../src/testing/audit-sink-contract.js';
import { checkChain } from '../chain/checker.js';
import { entry, event, ownDirectory, turns } from '../support.js';

const directoryOf = ownDirectory();
const QUICK = { backoffMs: 1, maxBackoffMs: 4 };
const SHORT_DEADLINE = { ...QUICK, deadlineMs: 1000 };

/** A disk whose next calls of a kind fail, or take only a part. */
function failingDisk(): {
  files: ChainFs;
  fail: Partial<Record<keyof ChainFs, (Error | 'short' | 'hang')[]>>;
  held: (() => void)[];
} {
  const fail: Partial<Record<keyof ChainFs, (Error | 'short' | 'hang')[]>> = {};
  const held: (() => void)[] = [];
  const next = (name: keyof ChainFs): Error | 'short' | 'hang' | undefined => fail[name]?.shift();
  const files: ChainFs = {
    ...nodeFs,
    openSync: (...args) => {
      const error = next('openSync');
      if (error instanceof Error) throw error;
      return nodeFs.openSync(...args);
    },
    write: (fd, buffer, offset, length, position, done) => {
      const error = next('write');
      if (error instanceof Error) {
        // As a full disk does it: a part arrives, then the error.
        nodeFs.writeSync(fd, buffer, offset, Math.min(length, 7), position);
        done(error, 0);
      } else if (error === 'hang') held.push(() => nodeFs.write(fd, buffer, offset, length, position, done));
      else nodeFs.write(fd, buffer, offset, error === 'short' ? Math.ceil(length / 3) : length, position, done);
    },
    writeSync: (fd, buffer, offset, length, position) => {
      const error = next('writeSync');
      if (error instanceof Error) throw error;
      return nodeFs.writeSync(fd, buffer, offset, length, position);
    },
    fdatasync: (fd, done) => {
      const error = next('fdatasync');
      if (error instanceof Error) done(error);
      else if (error === 'hang') held.push(() => nodeFs.fdatasync(fd, done));
      else nodeFs.fdatasync(fd, done);
    },
    ftruncate: (fd, length, done) => {
      const error = next('ftruncate');
      if (error instanceof Error) done(error);
      else nodeFs.ftruncate(fd, length, done);
    },
  };
  return { files, fail, held };
}
const noSpace = (): Error => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });

interface Rig {
  readonly directory: string;
  readonly logger: AuditLogger;
  readonly sink: FileAuditSink;
  readonly disk: ReturnType<typeof failingDisk>;
}
const open: AuditLogger[] = [];
function rig(
  options: Partial<FileAuditSinkOptions> & { queue?: AuditOptions['queue']; now?: () => number } = {},
  settings = QUICK,
): Rig {
  const { queue, now, ...sinkOptions } = options;
  const directory = sinkOptions.directory ?? directoryOf();
  const disk = failingDisk();
  const sink = new FileAuditSink({ directory, ...sinkOptions }, disk.files, now);
  const logger = new AuditLogger({ sinks: [sink], queue }, undefined, now, settings);
  open.push(logger);
  return { directory, logger, sink, disk };
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((logger) => logger.close()));
});

const indexes = (records: readonly { metadata?: unknown }[]): unknown[] =>
  records.map(({ metadata }) => (metadata as { index: unknown }).index);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 5000; !condition();) {
    if (performance.now() > end) throw new Error('not within 5 seconds');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('FileAuditSink', () => {
  it.each(auditSinkContract(() => new FileAuditSink({ directory: directoryOf() })))(
    'as every sink: $name',
    async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    },
  );

  it('writes a chain that an independent checker follows from start to end', async () => {
    const { directory, logger } = rig();
    for (let index = 0; index < 3000; index++) {
      logger.log(entry(index, { userAgent: index % 7 === 0 ? '\u202e"}\n\u0000ü' : 'curl' }));
      if (index % 500 === 0) await turns(1);
    }
    await logger.close();
    const { problems, records, events } = checkChain(directory);
    expect(problems).toEqual([]);
    expect(indexes(events)).toEqual(upTo(3000));
    expect(records[0]).toMatchObject({ t: 'start', format: 'nas-audit-v1', pid: process.pid, previous: null });
    expect(records.at(-1)).toMatchObject({ t: 'end', reason: 'closed' });
  });

  it('lets only its own user read the files', async () => {
    const parent = directoryOf();
    const { directory, logger } = rig({ directory: join(parent, 'made', 'here') });
    logger.log(entry());
    await logger.flush();
    expect(fs.statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of fs.readdirSync(directory)) expect(fs.statSync(join(directory, file)).mode & 0o777).toBe(0o600);
  });

  it('gives a receipt for what is on the disk, and it is the record there', async () => {
    const { directory, logger } = rig();
    logger.log(entry(0));
    const receipts = await Promise.all([1, 2, 3].map((index) => logger.append(entry(index))));
    const { records } = checkChain(directory);
    for (const [offset, { chain, seq, hash }] of receipts.entries()) {
      expect(records.find((record) => record.seq === seq)).toMatchObject({
        chain,
        h: hash,
        metadata: { index: offset + 1 },
      });
    }
  });

  it('confirms nothing that was not synced', async () => {
    const { logger, disk } = rig();
    await logger.append(entry(0));
    disk.fail.fdatasync = ['hang'];
    let confirmed = false;
    const waiting = logger.append(entry(1)).then(() => (confirmed = true));
    await until(() => disk.held.length === 1);
    await turns(5);
    expect(confirmed).toBe(false);
    disk.held[0]!();
    await waiting;
  });

  it('writes what gathers meanwhile in one go, with one sync', async () => {
    const { logger, disk } = rig();
    let syncs = 0;
    const fdatasync = disk.files.fdatasync.bind(disk.files);
    disk.files.fdatasync = (fd, done) => {
      syncs++;
      fdatasync(fd, done);
    };
    await Promise.all(upTo(200).map((index) => logger.append(entry(index))));
    expect(syncs).toBeLessThanOrEqual(2);
  });

  it('refuses to append where it does not sync, because that is no promise', async () => {
    const { logger } = rig({ fsync: 'never' });
    await expect(logger.append(entry())).rejects.toMatchObject({ code: 'ERR_AUTH_SERVICES_AUDIT_UNAVAILABLE' });
  });

  it.each(['short', 'enospc', 'sync', 'truncate'])(
    'leaves no broken line and loses nothing when the disk fails: %s',
    async (how) => {
      const { directory, logger, disk } = rig();
      await logger.append(entry(0));
      if (how === 'short') disk.fail.write = ['short', 'short', 'short'];
      if (how === 'enospc') disk.fail.write = [noSpace(), noSpace(), noSpace()];
      if (how === 'sync') disk.fail.fdatasync = [new Error('EIO'), new Error('EIO')];
      if (how === 'truncate') {
        disk.fail.write = [noSpace()];
        disk.fail.ftruncate = [new Error('EIO')];
      }
      for (let index = 1; index < 50; index++) logger.log(entry(index));
      await until(() => logger.status.written === 50);
      expect(logger.status).toMatchObject({ state: 'ok', dropped: {} });
      await logger.close();
      const { problems, events } = checkChain(directory);
      expect(problems).toEqual([]);
      expect(indexes(events)).toEqual(upTo(50));
    },
  );

  it('rejects an append that the disk refuses, does not write it later, and says so in a gap record', async () => {
    const { directory, logger, disk } = rig();
    await logger.append(entry(0));
    disk.fail.write = [noSpace()];
    const refused = logger.append(entry(1));
    logger.log(entry(2));
    await expect(refused).rejects.toThrow(/ENOSPC/);
    await logger.append(entry(3));
    const { problems, events, records } = checkChain(directory);
    expect(problems).toEqual([]);
    expect(indexes(events)).toEqual([0, 2, 3]);
    expect(records.filter(({ t }) => t === 'gap')).toMatchObject([{ reason: 'append_failed', count: 1 }]);
  });

  it('keeps a record of what a full queue lost, with its number and time, as soon as the disk takes any', async () => {
    const { directory, logger, disk } = rig({ queue: { maxEvents: 100 } });
    await logger.append(entry(0));
    disk.fail.write = Array.from({ length: 5 }, noSpace);
    for (let index = 1; index <= 1000; index++) logger.log(entry(index));
    await until(() => logger.status.queued === 0);
    await logger.close();
    const { problems, records, events } = checkChain(directory);
    const gaps = records.filter(({ t }) => t === 'gap');
    expect(problems).toEqual([]);
    expect(events.length + gaps.reduce((sum, gap) => sum + (gap['count'] as number), 0)).toBe(1001);
    expect(gaps[0]).toMatchObject({ reason: 'queue_full', firstAt: expect.any(String), lastAt: expect.any(String) });
    expect(logger.status.dropped['queue_full']).toBe(1001 - events.length);
  });

  it('waits for a disk that hangs, bounded, and writes each event once when it comes back', async () => {
    const { directory, logger, disk } = rig({}, SHORT_DEADLINE);
    await logger.append(entry(0));
    disk.fail.write = ['hang'];
    await expect(logger.append(entry(1))).rejects.toThrow(/has not answered/);
    expect(logger.status.state).toBe('failing');
    logger.log(entry(2));
    disk.held[0]!();
    await until(() => logger.status.queued === 0);
    await logger.close();
    expect(checkChain(directory).problems).toEqual([]);
    expect(indexes(checkChain(directory).events)).toEqual([0, 1, 2]);
  });

  it('starts a new segment when the old one is full, and the chain runs through', async () => {
    const { directory, logger } = rig({ maxSegmentBytes: 4096 });
    for (let index = 0; index < 60; index++) await logger.append(entry(index, { path: '/'.padEnd(300, 'x') }));
    await logger.close();
    const { problems, events, records } = checkChain(directory);
    expect(problems).toEqual([]);
    expect(indexes(events)).toEqual(upTo(60));
    expect(fs.readdirSync(directory).length).toBeGreaterThan(4);
    const seals = records.filter(({ t }) => t === 'seal');
    const sizes = fs.readdirSync(directory).toSorted().slice(0, seals.length);
    expect(records.filter(({ t }) => t === 'segment')).toHaveLength(seals.length);
    for (const [index, file] of sizes.entries()) {
      const bytes = fs.statSync(join(directory, file)).size - Buffer.byteLength(`${seals[index]!.line}\n`);
      expect(seals[index]).toMatchObject({
        bytes,
        records: records.filter(({ inFile }) => inFile === file).length - 1,
      });
    }
  });

  it('starts a new segment when the old one has its age, with the next event', async () => {
    let ms = Date.UTC(2026, 0, 1);
    const { directory, logger } = rig({ maxSegmentSeconds: 60, now: () => ms });
    await logger.append(entry(0));
    ms += 59_999;
    await logger.append(entry(1));
    expect(fs.readdirSync(directory)).toHaveLength(1);
    ms += 1;
    await logger.append(entry(2));
    expect(fs.readdirSync(directory)).toHaveLength(2);
    expect(checkChain(directory).problems).toEqual([]);
  });

  it('keeps the newest segments, and names those it removes before it removes them', async () => {
    const { directory, logger } = rig({ maxSegmentBytes: 4096, retainSegments: 3 });
    for (let index = 0; index < 60; index++) await logger.append(entry(index, { path: '/'.padEnd(300, 'x') }));
    await logger.close();
    const left = fs.readdirSync(directory).toSorted();
    expect(left).toHaveLength(3);
    const { records } = checkChain(directory);
    const removed = records
      .filter(({ t }) => t === 'prune')
      .flatMap((record) => record['removed'] as { file: string; head: string }[]);
    expect(removed.length).toBeGreaterThan(0);
    for (const { file, head } of removed) {
      expect(left).not.toContain(file);
      expect(head).toMatch(/^[\w-]{43}$/);
    }
  });

  it('looks for what retention removes beside the application, because a directory of a year would hold up each request', async () => {
    const { directory, logger, disk } = rig({ maxSegmentBytes: 4096, retainSegments: 3 });
    await logger.append(entry(0));
    const looked: string[] = [];
    for (const name of ['readdirSync', 'statSync', 'readSync'] as const) {
      Object.assign(disk.files, { [name]: (...args: never[]) => (looked.push(name), (nodeFs[name] as any)(...args)) });
    }
    for (let index = 1; index < 100; index++) await logger.append(entry(index, { userAgent: 'x'.repeat(200) }));
    // Once a second it looks whether somebody has moved the file: that one is not for retention.
    expect(looked.filter((name) => name !== 'statSync')).toEqual([]);
    expect(looked.length).toBeLessThan(10);
    await logger.close();
    expect(fs.readdirSync(directory)).toHaveLength(3);
  });

  it('loses nothing when the process exits while retention looks at the directory', async () => {
    const { directory, sink, disk } = rig({ maxSegmentBytes: 4096, retainSegments: 50 });
    const held: (() => void)[] = [];
    disk.files.readdir = (path, done) => {
      const isFirst = !fs.existsSync(path) || fs.readdirSync(path).length === 0;
      nodeFs.readdir(path, (...answer) => (isFirst ? done(...answer) : held.push(() => done(...answer))));
    };
    const waiting: Promise<void>[] = [];
    let written = 0;
    while (held.length === 0) {
      waiting.push(sink.write([event(waiting.length)]).then(() => void written++));
      await until(() => written === waiting.length || held.length > 0);
    }
    sink.drainSync([event(waiting.length)]);
    for (const answer of held) answer();
    await Promise.all(waiting);
    const { problems, events, records } = checkChain(directory);
    expect(problems).toEqual([]);
    expect(indexes(events)).toEqual(upTo(waiting.length + 1));
    expect(records.at(-1)).toMatchObject({ t: 'end', reason: 'exit' });
  });

  it('removes no file that another process may still write to', async () => {
    const directory = directoryOf();
    const other = rig({ directory });
    await other.logger.append(entry(0));
    const { logger } = rig({ directory, maxSegmentBytes: 4096, retainSegments: 2 });
    for (let index = 0; index < 40; index++) await logger.append(entry(index, { path: '/'.padEnd(300, 'x') }));
    await other.logger.append(entry(1));
    await other.logger.close();
    const chain = other.sink.chain;
    expect(checkChain(directory, chain).problems).toEqual([]);
    expect(indexes(checkChain(directory, chain).events)).toEqual([0, 1]);
  });

  it('begins a new chain at each start, which names the end of the one before', async () => {
    const directory = directoryOf();
    const first = rig({ directory });
    await first.logger.append(entry(0));
    await first.logger.close();
    const second = rig({ directory });
    await second.logger.append(entry(1));
    const before = checkChain(directory, first.sink.chain).records.at(-1)!;
    const after = checkChain(directory, second.sink.chain);
    expect(after.problems).toEqual([]);
    expect(after.records[0]).toMatchObject({
      previous: { chain: first.sink.chain, seq: before.seq, head: before.h, last: 'end' },
    });
  });

  it('declares the torn line that a crash left behind, so that a verifier can tell it from a cut', async () => {
    const directory = directoryOf();
    const first = rig({ directory });
    await first.logger.append(entry(0));
    const file = fs.readdirSync(directory)[0]!;
    const { size } = fs.statSync(join(directory, file));
    fs.appendFileSync(join(directory, file), '{"v":1,"chain":"half a rec');
    const second = rig({ directory });
    await second.logger.append(entry(1));
    const { records } = checkChain(directory, second.sink.chain);
    expect(records[0]).toMatchObject({ t: 'start', previous: { last: 'event', seq: 3 } });
    expect(records[1]).toMatchObject({
      t: 'recover',
      of: first.sink.chain,
      torn: { file, offset: size, length: 26, sha256: expect.any(String) },
    });
  });

  it.each(['removed', 'moved', 'cut'])(
    'goes on in a new segment when somebody has %s the one it writes',
    async (how) => {
      let ms = Date.UTC(2026, 0, 1);
      const { directory, logger } = rig({ now: () => ms });
      await logger.append(entry(0));
      const file = join(directory, fs.readdirSync(directory)[0]!);
      if (how === 'removed') fs.unlinkSync(file);
      if (how === 'moved') fs.renameSync(file, `${file}.1`);
      if (how === 'cut') fs.truncateSync(file, 10);
      ms += 1500;
      await logger.append(entry(1));
      const second = fs.readdirSync(directory).find((name) => name.endsWith('-000002.jsonl'))!;
      expect(fs.readFileSync(join(directory, second), 'utf8')).toMatch(
        /"t":"segment".*"reason":"lost".*\n.*"t":"event"/,
      );
    },
  );

  it('resumes by itself when its directory comes to be writable', async () => {
    const { directory, logger, disk } = rig();
    disk.fail.openSync = Array.from({ length: 3 }, () => new Error('EACCES'));
    logger.log(entry(0));
    await until(() => logger.status.state === 'failing' || logger.status.written === 1);
    await until(() => logger.status.written === 1);
    await logger.close();
    expect(checkChain(directory).problems).toEqual([]);
    expect(indexes(checkChain(directory).events)).toEqual([0]);
  });

  it('finishes what is on its way when the process exits in the middle of a write', async () => {
    const { directory, sink, disk } = rig();
    await sink.write([event(0)]);
    disk.fail.write = ['hang'];
    void sink.write([event(1)]);
    void sink.write([event(2)]);
    await until(() => disk.held.length === 1);
    sink.drainSync([event(3)]);
    // The write of the thread pool arrives after all: the same bytes at the same place.
    disk.held[0]!();
    await turns(5);
    const { problems, events, records } = checkChain(directory);
    expect(problems).toEqual([]);
    expect(indexes(events)).toEqual([0, 1, 2, 3]);
    expect(records.at(-1)).toMatchObject({ t: 'end', reason: 'exit' });
  });

  it.each<[object, RegExp]>([
    [{}, /FileAuditSink\.directory must be a string/],
    [{ directory: 'd', signingKey: 'k' }, /FileAuditSink\.signingKey must be at least 32 bytes long/],
    [{ directory: 'd', signingKey: 'k'.repeat(50) }, /signingKey must be an Ed25519 private key in PEM.*audit keygen/],
    [{ directory: 'd', ratchetKey: 'k'.repeat(50) }, /ratchetKey must be 32 bytes as hex or base64.*audit keygen/],
    [{ directory: 'd', checkpointEvery: { records: 5 } }, /checkpointEvery\.records must be .* at least 10/],
    [{ directory: 'd', checkpointEvery: { minutes: 5 } }, /checkpointEvery\.minutes is not an option/],
    [{ directory: 'd', onCheckpoint: 'print' }, /onCheckpoint must be a function/],
    [{ directory: 'd', retainSegments: 1 }, /retainSegments must be a whole number of at least 2/],
    [{ directory: 'd', fsync: 'always' }, /fsync must be one of/],
    [{ directory: 'd', instance: 'api.1' }, /instance must be a name of 1 to 64 letters/],
    [{ directory: 'd', maxSegmentSize: 1 }, /maxSegmentSize is not an option/],
  ])('refuses %j with the path of the mistake', (options, message) => {
    expect(() => new FileAuditSink(options as FileAuditSinkOptions)).toThrow(message);
  });
});
