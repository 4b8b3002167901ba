import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AuditEvent, AuditReceipt } from '../audit-event.js';
import type { AuditGap } from '../audit-sink.js';
import { AuditError } from '../audit-error.js';
import { IsoClock } from '../iso-clock.js';
import { serialize } from '../serialize.js';
import type { ChainFs } from './chain-fs.js';
import { Draft, GENESIS } from './record.js';
import { Segment } from './segment.js';
import { SegmentShelf, type ChainSettings, type ControlRecord } from './segment-shelf.js';

/** Events that somebody waits for. */
interface Job {
  readonly events: readonly AuditEvent[];
  readonly wantsReceipts: boolean;
  resolve(receipts: readonly AuditReceipt[]): void;
  reject(error: unknown): void;
}

/** What is on its way to the disk, and what becomes true once it is there. */
interface Flight {
  readonly segment: Segment;
  readonly bytes: Uint8Array;
  readonly draft: Draft;
  readonly jobs: readonly Job[];
  /** How many of the gaps it carries. */
  readonly gaps: number;
  readonly landed: () => void;
}

const DIRECTORY_MODE = 0o700;
const LOOK_EVERY_MS = 1000;

/**
 * A chain of records in segments of one directory: one chain for each start of a process, never continued by another.
 *
 * Everything that waits is written at once and synced once; meanwhile the next gather. The chain's head and number move
 * on only after a write has succeeded, so a failed one leaves no trace: the file is cut back, and the same numbers are
 * given again.
 */
export class FileChain {
  /** `<host>.<uuid of this start>` */
  readonly id: string;
  private readonly shelf: SegmentShelf;
  private readonly clock: IsoClock;
  private seq = 0;
  private head = GENESIS;
  private segment: Segment | undefined;
  private segmentNo = 0;
  /** Opens the current segment, as long as it is not written. */
  private preamble: readonly ControlRecord[] = [];
  private config: Readonly<Record<string, unknown>> | undefined;
  private gaps: AuditGap[] = [];
  private pending: Job[] = [];
  private current: readonly Job[] = [];
  private flight: Flight | undefined;
  private running: Promise<void> | undefined;
  private lookedAtMs = 0;
  private isEnded = false;

  constructor(
    private readonly settings: ChainSettings,
    private readonly fs: ChainFs,
    now: () => number,
  ) {
    this.clock = new IsoClock(now);
    const instance =
      hostname()
        .replaceAll(/[^A-Za-z0-9-]/g, '-')
        .slice(0, 64) || 'host';
    this.id = `${instance}.${randomUUID()}`;
    this.shelf = new SegmentShelf(settings, fs, instance);
  }

  /** Resolves when the events are written and, with `fsync: 'batch'`, on the disk. A rejection means: none of them is. */
  append(events: readonly AuditEvent[], wantsReceipts: boolean): Promise<readonly AuditReceipt[]> {
    if (this.isEnded) return Promise.reject(new AuditError('the file chain has ended'));
    return new Promise((resolve, reject) => {
      this.pending.push({ events, wantsReceipts, resolve, reject });
      this.start();
    });
  }

  /** The number of the last record that is safely stored. */
  get lastSeq(): number {
    return this.seq;
  }

  noteConfig(config: Readonly<Record<string, unknown>>): void {
    this.config = config;
  }

  noteGap(gap: AuditGap): void {
    this.gaps.push(gap);
  }

  /** Resolves when nothing is on its way any more; writes the gaps that wait for a batch. */
  async flush(): Promise<void> {
    if (this.gaps.length > 0 && !this.isEnded) await this.append([], false);
    else await this.running;
  }

  /** Writes the end of the chain and lets the file go. */
  async close(): Promise<void> {
    await this.running;
    if (this.isEnded) return;
    this.isEnded = true;
    if (this.segment === undefined && this.gaps.length === 0) return;
    const segment = this.segment ?? this.openSegment();
    const draft = this.draft();
    draft.add('end', this.content({ eventType: 'audit.stop', reason: 'closed' }));
    await this.fly(segment, draft, [], () => undefined);
    this.segment = undefined;
    await segment.close();
  }

  /** At the exit of the process: finishes what is on its way, writes these events and the end, without waiting. */
  endSync(events: readonly AuditEvent[]): void {
    if (this.isEnded) return;
    this.isEnded = true;
    const landed = this.landSync();
    const jobs = [...this.current, ...this.pending].filter((job) => !landed.includes(job));
    this.pending = [];
    const hasNothing = jobs.length === 0 && events.length === 0 && this.gaps.length === 0;
    if (this.segment === undefined && hasNothing) return;
    const segment = this.segment?.isUnsettled === false ? this.segment : this.openSegment();
    const draft = this.draft();
    const receipts = jobs.map((job) => this.addEvents(draft, job));
    for (const event of events) draft.add('event', serialize(event));
    draft.add('end', this.content({ eventType: 'audit.stop', reason: 'exit' }));
    segment.writeSync(Buffer.from(draft.text));
    if (this.settings.fsync === 'batch') segment.syncSync();
    segment.closeSync();
    this.segment = undefined;
    jobs.forEach((job, index) => job.resolve(receipts[index]!));
  }

  private start(): void {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      if (this.pending.length > 0) this.start();
    });
  }

  private async run(): Promise<void> {
    while (this.pending.length > 0 && !this.isEnded) {
      const jobs = this.pending;
      this.pending = [];
      this.current = jobs;
      try {
        await this.write(jobs);
      } catch (error) {
        for (const job of jobs) job.reject(error);
      }
      this.current = [];
    }
  }

  private async write(jobs: readonly Job[]): Promise<void> {
    await this.leaveSegmentIfDue();
    if (this.isEnded) return;
    const segment = this.segment ?? this.openSegment();
    const draft = this.draft();
    const receipts = jobs.map((job) => this.addEvents(draft, job));
    const landed = (): void => jobs.forEach((job, index) => job.resolve(receipts[index]!));
    await this.fly(segment, draft, jobs, landed);
  }

  private addEvents(draft: Draft, { events, wantsReceipts }: Job): readonly AuditReceipt[] {
    const receipts: AuditReceipt[] = [];
    for (const event of events) {
      draft.add('event', serialize(event));
      if (wantsReceipts) receipts.push({ chain: this.id, seq: draft.seq, hash: draft.head });
    }
    return receipts;
  }

  /** The next records, with the log's own in front. */
  private draft(): Draft {
    const draft = new Draft(this.id, this.seq, this.head);
    for (const [type, content] of this.preamble) draft.add(type, this.content(content));
    for (const gap of this.gaps) draft.add('gap', this.content({ eventType: 'audit.gap', ...gap }));
    return draft;
  }

  private async fly(segment: Segment, draft: Draft, jobs: readonly Job[], landed: () => void): Promise<void> {
    const flight: Flight = { segment, draft, jobs, bytes: Buffer.from(draft.text), gaps: this.gaps.length, landed };
    this.flight = flight;
    try {
      await flight.segment.write(flight.bytes);
      if (this.flight === flight && this.settings.fsync === 'batch') await flight.segment.sync();
    } catch (error) {
      if (this.flight !== flight) return;
      this.flight = undefined;
      throw error;
    }
    // The exit of the process has finished it meanwhile.
    if (this.flight !== flight) return;
    this.flight = undefined;
    this.commit(flight);
  }

  private commit({ segment, bytes, draft, gaps, landed }: Flight): void {
    segment.position += bytes.length;
    segment.records += draft.records;
    this.seq = draft.seq;
    this.head = draft.head;
    this.preamble = [];
    this.gaps.splice(0, gaps);
    this.shelf.prune();
    landed();
  }

  /** Returns the jobs that are done with it. */
  private landSync(): readonly Job[] {
    const { flight } = this;
    this.flight = undefined;
    if (flight === undefined || flight.segment.isUnsettled) return [];
    flight.segment.writeSync(flight.bytes);
    this.commit(flight);
    return flight.jobs;
  }

  private async leaveSegmentIfDue(): Promise<void> {
    const { segment, settings } = this;
    if (segment === undefined) return;
    const nowMs = this.clock.now();
    if (nowMs - this.lookedAtMs >= LOOK_EVERY_MS) {
      this.lookedAtMs = nowMs;
      if (!segment.isIntact()) {
        this.leave(segment, 'lost');
        return;
      }
    }
    const isFull = segment.position >= settings.maxSegmentBytes;
    const isOld = nowMs - segment.openedAtMs >= settings.maxSegmentSeconds * 1000;
    if (segment.records === 0 || (!isFull && !isOld)) return;
    const draft = this.draft();
    draft.add('seal', this.content({ segment: segment.no, records: segment.records, bytes: segment.position }));
    const landed = (): void => this.leave(segment, isFull ? 'size' : 'time');
    await this.fly(segment, draft, [], landed);
  }

  /** The next segment is opened with the next record. */
  private leave(segment: Segment, reason: 'size' | 'time' | 'lost'): void {
    this.segment = undefined;
    // A segment that nothing was written to hands its own beginning on.
    if (segment.records > 0) {
      this.preamble = [['segment', { segment: this.segmentNo + 1, reason, previous: segment.file, lastSeq: this.seq }]];
    }
    segment.close().catch(() => undefined);
  }

  private openSegment(): Segment {
    const { fs, settings } = this;
    fs.mkdirSync(settings.directory, { recursive: true, mode: DIRECTORY_MODE });
    if (this.segment !== undefined) this.leave(this.segment, 'lost');
    // Looked for before there is a file of our own, and again if the first try fails.
    const opening = this.segmentNo === 0 ? this.shelf.startRecords(this.config) : this.preamble;
    const segment = Segment.open(fs, settings.directory, this.id, this.segmentNo + 1, this.clock.now());
    this.segmentNo++;
    this.segment = segment;
    this.preamble = [...opening, ...this.shelf.pruneRecords(segment.file, this.clock.now())];
    this.lookedAtMs = this.clock.now();
    return segment;
  }

  private content(fields: object): string {
    return serialize({ timestamp: this.clock.stamp(), ...fields } as never);
  }
}
