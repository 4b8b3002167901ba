// Real: the logger, its workers and a file chain on a real directory. Faked: the sink that is down; waits are shortened.
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AuditEvent } from '../../src/audit/audit-event.js';
import { AuditLogger } from '../../src/audit/audit-logger.js';
import type { AuditPosition, AuditSink } from '../../src/audit/audit-sink.js';
import { Backlog } from '../../src/audit/backlog.js';
import { nodeFs, type ChainFs } from '../../src/audit/chain/chain-fs.js';
import { FileAuditSink, type FileAuditSinkOptions } from '../../src/audit/sinks/file-audit-sink.js';
import { entry, event, ownDirectory } from './support.js';

const directoryOf = ownDirectory();
const QUEUE = 100;
const loggers: AuditLogger[] = [];
const keyOf = (place: AuditPosition | undefined) => place && `${place.chain}#${place.seq}`;

/** Takes a batch, or half of it and fails, or nothing, or does not answer until it is up. */
class FarSink implements AuditSink {
  readonly name = 'far';
  state: 'up' | 'down' | 'half' | 'hung' = 'up';
  readonly got: { event: AuditEvent; key: string | undefined }[] = [];

  async write(events: readonly AuditEvent[], places?: readonly (AuditPosition | undefined)[]): Promise<void> {
    await Promise.resolve();
    await until(() => this.state !== 'hung');
    if (this.state === 'down') throw new Error('down');
    const taken = this.state === 'half' ? Math.ceil(events.length / 2) : events.length;
    this.got.push(...events.slice(0, taken).map((each, index) => ({ event: each, key: keyOf(places?.[index]) })));
    if (this.state !== 'half') return;
    this.state = 'up';
    throw new Error('half of it is stored');
  }

  get indexes(): unknown[] {
    return this.got.map(({ event: { metadata } }) => metadata?.['index']);
  }
}

function madeOf(options: Partial<FileAuditSinkOptions> = {}, files?: ChainFs) {
  const file = new FileAuditSink({ directory: directoryOf(), ...options }, files);
  const far = new FarSink();
  const logger = new AuditLogger({ sinks: [far, file], queue: { maxEvents: QUEUE } }, undefined, undefined, {
    deadlineMs: 20_000,
    backoffMs: 1,
    maxBackoffMs: 4,
  });
  loggers.push(logger);
  let logged = 0;
  /** As fast as the file takes them: what it has no room for is lost to all. */
  const log = async (count: number): Promise<void> => {
    for (const end = logged + count; logged < end;) {
      for (let i = 0; i < 50 && logged < end; i++) logger.log(entry(logged++));
      const stored = logged;
      await until(() => (logger.status.sinks[1]?.written ?? 0) >= stored);
    }
  };
  return { file, far, logger, log };
}
afterEach(async () => {
  await Promise.all(loggers.splice(0).map((logger) => logger.close()));
});

async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !condition();) {
    if (performance.now() > end) throw new Error('not within 20 seconds');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('a sink beside a file chain', () => {
  it('gets every event with its place in the chain, so that it can tell a second delivery', async () => {
    const { far, file, logger, log } = madeOf();
    await log(120);
    await logger.flush();
    const stored: string[] = [];
    for await (const each of file.read()) stored.push(keyOf(each)!);
    expect(far.indexes).toEqual(upTo(120));
    expect(far.got.map(({ key }) => key)).toEqual(stored);
  });

  it('gets what its queue had no room for from the chain when it is back, in order, and goes on live', async () => {
    const { far, logger, log } = madeOf({ maxSegmentBytes: 65_536 });
    await log(10);
    await until(() => far.got.length === 10);
    far.state = 'hung';
    await log(3000);
    expect(logger.status.sinks[0]).toMatchObject({ queued: 3000, dropped: 0 });
    far.state = 'up';
    await log(500);
    await logger.flush();
    await log(20);
    await logger.flush();
    expect(far.indexes).toEqual(upTo(3530));
    expect(new Set(far.got.map(({ key }) => key)).size).toBe(3530);
    expect(logger.status).toMatchObject({ state: 'ok', dropped: {} });
  });

  it('gets every event after an outage, those it may have taken before once more under the same key', async () => {
    const { far, logger, log } = madeOf();
    far.state = 'down';
    await log(1000);
    expect(logger.status.sinks[0]).toMatchObject({ state: 'failing', queued: 1000, dropped: 0 });
    far.state = 'half';
    await until(() => far.got.length >= 300);
    far.state = 'half';
    await until(() => far.got.length >= 600);
    await logger.flush();
    await until(() => logger.status.sinks[0]!.queued === 0);
    const byKey = new Map(far.got.map(({ key, event: { metadata } }) => [key, metadata?.['index']]));
    expect(far.got.length).toBeGreaterThan(1000);
    expect(byKey.has(undefined)).toBe(false);
    const order = [...byKey.values()] as number[];
    expect(order.toSorted((a, b) => a - b)).toEqual(upTo(1000));
    // Those that were set aside to find out whether the sink hates one event or all.
    expect(order.filter((index, at) => index < Math.max(...order.slice(0, at))).length).toBeLessThanOrEqual(8);
  });

  it('is told how many retention has taken away meanwhile', async () => {
    const { far, logger, log } = madeOf({ maxSegmentBytes: 8192, retainSegments: 2 });
    logger.start();
    far.state = 'down';
    await log(2000);
    far.state = 'up';
    await until(() => logger.status.sinks[0]!.queued === 0);
    const events = far.got.filter(({ event: { eventType } }) => eventType === 'request_success');
    const lost = logger.status.dropped['not_retained']!;
    expect(lost).toBeGreaterThan(1000);
    expect(events).toHaveLength(2000 - lost);
    await logger.close();
    const gaps = far.got.filter(({ event: { eventType } }) => eventType === 'audit.gap');
    expect(new Set(gaps.map(({ event: { reason } }) => reason))).toEqual(new Set(['not_retained']));
    expect(gaps.reduce((sum, { event: { metadata } }) => sum + (metadata!['count'] as number), 0)).toBe(lost);
  });

  it('waits for no disk that fails: it gets the events at once, without a place', async () => {
    const files: ChainFs = {
      ...nodeFs,
      write: (_fd, _bytes, _offset, _length, _position, done) => setImmediate(done, new Error('ENOSPC'), 0),
    };
    const { far, logger } = madeOf({}, files);
    for (let index = 0; index < 10; index++) logger.log(entry(index));
    await until(() => far.got.length === 10);
    expect(far.got.map(({ key }) => key)).toEqual(Array(10).fill(undefined));
    expect(far.indexes).toEqual(upTo(10));
  });

  it('counts what it has not been given by the end', async () => {
    const { far, logger, log } = madeOf();
    far.state = 'down';
    await log(400);
    await logger.close();
    // The last call of a sink gets no second try, and nobody waits for its answer.
    const { state, queued, written, dropped } = logger.status.sinks[0]!;
    expect({ state, queued, sum: written + dropped }).toEqual({ state: 'closed', queued: 0, sum: 400 });
    expect(logger.status.dropped).toEqual({ shutdown: dropped });
    expect(dropped).toBeGreaterThan(200);
  });

  it('loses and counts what does not fit where there is no chain', async () => {
    const far = new FarSink();
    const logger = new AuditLogger({ sinks: [far], queue: { maxEvents: QUEUE } }, undefined, undefined, {
      backoffMs: 1,
    });
    loggers.push(logger);
    far.state = 'down';
    for (let index = 0; index < 400; index++) logger.log(entry(index));
    expect(logger.status.dropped['queue_full']).toBe(400 - QUEUE * 0.9);
    far.state = 'up';
    await logger.flush();
  });
});

describe('Backlog', () => {
  /** Numbers 1 to `last`, without those that are gone; fails where it is told to. */
  function chainOf(isThere: (seq: number) => boolean) {
    const chain = { last: 0, failsAt: 0 };
    const read = async function* (after?: AuditPosition) {
      const { last } = chain;
      for (let seq = after!.seq + 1; seq <= last; seq++) {
        await Promise.resolve();
        if (seq === chain.failsAt) throw new Error('EIO');
        if (isThere(seq)) yield { chain: 'a', seq, hash: '', event: event(seq) };
      }
    };
    const backlog = new Backlog({ read });
    const add = (seq: number): void => {
      chain.last = Math.max(chain.last, seq + 5);
      backlog.add({ chain: 'a', seq });
    };
    return { chain, backlog, add };
  }
  const seqs = (items: readonly { filing?: { position: AuditPosition | undefined } | undefined }[]) =>
    items.map(({ filing }) => filing?.position?.seq);

  it('goes on from the same place when the chain could not be read', async () => {
    const { chain, backlog, add } = chainOf(() => true);
    for (let seq = 11; seq <= 20; seq++) add(seq);
    chain.failsAt = 14;
    await expect(backlog.next(100, Infinity)).rejects.toThrow('EIO');
    chain.failsAt = 0;
    const items = await backlog.next(100, Infinity);
    expect(seqs(items)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    expect(backlog.taken(items)).toBe(0);
    expect(backlog.count).toBe(0);
  });

  it('takes in what is added at any moment of a reading, and counts what is gone once', async () => {
    for (let lag = 0; lag < 40; lag++) {
      const { backlog, add } = chainOf((seq) => seq % 3 !== 0);
      const read: unknown[] = [];
      let missing = 0;
      for (let seq = 1; seq <= 10; seq++) add(seq);
      const adding = (async () => {
        for (let turn = 0; turn < lag; turn++) await Promise.resolve();
        for (let seq = 11; seq <= 21; seq++) add(seq);
      })();
      for (let isAdded = false; backlog.count > 0 || !isAdded;) {
        const items = await backlog.next(4, Infinity);
        read.push(...seqs(items));
        missing += backlog.taken(items);
        if (backlog.count === 0) await adding;
        isAdded = backlog.count === 0;
      }
      expect(read).toEqual([1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 20]);
      expect(missing).toBe(7);
    }
  });
});
