import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent, AuditReceipt } from '../audit-event.js';
import type { AuditGap } from '../audit-sink.js';
import { AuditError } from '../audit-error.js';
import { IsoClock } from '../iso-clock.js';
import { serialize } from '../serialize.js';
import type { ChainFs } from './chain-fs.js';
import { Draft, GENESIS, RECORD_VERSION, type RecordType } from './record.js';
import { Segment } from './segment.js';
import { readTail, segmentFiles } from './tail.js';

export interface ChainSettings {
  readonly directory: string;
  readonly maxSegmentBytes: number;
  readonly maxSegmentSeconds: number;
  /** `undefined`: all. */
  readonly retainSegments: number | undefined;
  readonly fsync: 'batch' | 'never';
}

/** Events that somebody waits for. */
interface Job {
  readonly events: readonly AuditEvent[];
  readonly wantsReceipts: boolean;
  resolve(receipts: readonly AuditReceipt[]): void;
  reject(error: unknown): void;
}

/** A record of the log's own, to be written at the next opportunity. */
type ControlRecord = readonly [type: RecordType, content: object];

/** What is on its way to the disk, and what becomes true once it is there. */
interface Flight {
  readonly segment: Segment;
  readonly bytes: Uint8Array;
  readonly draft: Draft;
  readonly jobs: readonly Job[];
  /** How many of the gaps it carries. */
  readonly gaps: number;
  landed(): void;
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
  private readonly instance: string;
  private readonly clock: IsoClock;
  private seq = 0;
  private head = GENESIS;
  private segment: Segment | undefined;
  private segmentNo = 0;
  /** Opens the current segment, as long as it is not written. */
  private preamble: readonly ControlRecord[] = [];
  private prunable: readonly string[] = [];
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
    this.instance = hostname().replaceAll(/[^A-Za-z0-9-]/g, '-').slice(0, 64) || 'host';
    this.id = `${this.instance}.${randomUUID()}`;
  }

  /** Resolves when the events are written and, with `fsync: 'batch'`, on the disk. A rejection means: none of them is. */
  append(events: readonly AuditEvent[], wantsReceipts: boolean): Promise<readonly AuditReceipt[]> {
    if (this.isEnded) return Promise.reject(new AuditError('the file chain has ended'));
    return new Promise((resolve, reject) => {
      this.pending.push({ events, wantsReceipts, resolve, reject });
      this.start();
    });
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
    draft.add('end', this.content({ reason: 'closed' }));
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
    draft.add('end', this.content({ reason: 'exit' }));
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
    for (const gap of this.gaps) draft.add('gap', this.content(gap));
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
    this.prune();
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
    const opening = this.segmentNo === 0 ? this.startRecords() : this.preamble;
    const segment = Segment.open(fs, settings.directory, this.id, this.segmentNo + 1, this.clock.now());
    this.segmentNo++;
    this.segment = segment;
    this.preamble = [...opening, ...this.pruneRecords(segment.file)];
    this.lookedAtMs = this.clock.now();
    return segment;
  }

  private startRecords(): ControlRecord[] {
    const { settings, instance } = this;
    const newest = segmentFiles(this.fs, settings.directory, (chain) => chain.startsWith(`${instance}.`)).toReversed();
    const tail = newest.slice(0, 8).reduce<ReturnType<typeof readTail>>(
      (found, file) => found ?? readTail(this.fs, settings.directory, file),
      undefined,
    );
    const { torn, ...previous } = tail ?? {};
    const start: ControlRecord = [
      'start',
      {
        format: `nas-audit-v${RECORD_VERSION}`,
        pid: process.pid,
        host: instance,
        node: process.version,
        config: { ...settings, directory: undefined },
        keys: [],
        previous: tail === undefined ? null : previous,
      },
    ];
    return torn === undefined ? [start] : [start, ['recover', { of: tail!.chain, file: tail!.file, ...torn }]];
  }

  /** Names what retention is about to remove, so that a verifier can tell policy from theft. */
  private pruneRecords(own: string): ControlRecord[] {
    const { retainSegments, directory } = this.settings;
    if (retainSegments === undefined) return [];
    try {
      const files = segmentFiles(this.fs, directory, (chain) => chain.startsWith(`${this.instance}.`));
      const old = files.filter((file) => file !== own).slice(0, Math.max(0, files.length - retainSegments));
      const removed = old.filter((file) => !this.mayBeInUse(file)).map((file) => {
        const tail = readTail(this.fs, directory, file);
        return { file, lastSeq: tail?.seq ?? null, head: tail?.head ?? null };
      });
      this.prunable = removed.map(({ file }) => file);
      return removed.length === 0 ? [] : [['prune', { removed }]];
    } catch {
      return [];
    }
  }

  /** Another process of this host may still write to a file that says nothing of its end and is not old. */
  private mayBeInUse(file: string): boolean {
    const { directory, maxSegmentSeconds } = this.settings;
    const last = readTail(this.fs, directory, file)?.last;
    if (last === 'end' || last === 'seal') return false;
    return this.clock.now() - this.fs.statSync(join(directory, file)).mtimeMs < maxSegmentSeconds * 1000;
  }

  /** Only after the record that names them is on the disk. */
  private prune(): void {
    const files = this.prunable;
    this.prunable = [];
    for (const file of files) {
      try {
        this.fs.unlinkSync(join(this.settings.directory, file));
      } catch {
        // Another process of this host has removed it, or may not: the next segment tries again.
      }
    }
  }

  private content(fields: object): string {
    return serialize({ timestamp: this.clock.stamp(), ...fields } as never);
  }
}
