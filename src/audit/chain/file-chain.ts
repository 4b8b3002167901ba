import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AuditReceipt } from '../audit-event.js';
import type { AuditGap } from '../audit-sink.js';
import { AuditError } from '../audit-error.js';
import { IsoClock } from '../iso-clock.js';
import type { SafeEvent } from '../safe-event.js';
import { serialize } from '../serialize.js';
import type { ChainFs } from './chain-fs.js';
import { ChainSegments } from './chain-segments.js';
import { Checkpoints } from './checkpoints.js';
import { Draft, DraftMemory } from './draft.js';
import { Flights, type Flight } from './flights.js';
import { jobsThatFit, type Job } from './jobs.js';
import { RatchetShelf } from './ratchet-shelf.js';
import { GENESIS, openingOf } from './record.js';
import { Retention } from './retention.js';
import type { Segment } from './segment.js';
import { SegmentShelf, type ControlRecord } from './segment-shelf.js';
import { startRecords, type FileChainSettings } from './start-records.js';

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
  private readonly shelf: SegmentShelf;
  private readonly retention: Retention;
  private readonly ratchets: RatchetShelf;
  private readonly checkpoints: Checkpoints;
  private readonly segments: ChainSegments;
  private readonly flights: Flights;
  private readonly memory = new DraftMemory();
  private readonly opening: Uint8Array;
  private readonly clock: IsoClock;
  private config: Readonly<Record<string, unknown>> = {};
  private seq = 0;
  private head = GENESIS;
  private gaps: AuditGap[] = [];
  private pending: Job[] = [];
  private current: readonly Job[] = [];
  private running: Promise<void> | undefined;
  /** What is settled when the chain's first records are on the disk. */
  private onStarted: (() => void) | undefined;
  private isEnded = false;

  constructor(
    private readonly settings: FileChainSettings,
    fs: ChainFs,
    now: () => number,
  ) {
    this.clock = new IsoClock(now);
    const name = settings.instance ?? hostname();
    this.instance = name.replaceAll(/[^A-Za-z0-9-]/g, '-').slice(0, 64) || 'host';
    this.id = `${this.instance}.${randomUUID()}`;
    this.opening = Buffer.from(openingOf(this.id));
    this.shelf = new SegmentShelf(settings, fs, this.instance);
    this.retention = new Retention(settings, fs, this.instance);
    this.ratchets = new RatchetShelf(fs, settings.directory, settings.ratchetKey);
    this.checkpoints = new Checkpoints(settings, this.id, () => void this.append([], false).catch(() => undefined));
    this.segments = new ChainSegments(settings, fs, this.shelf, this.id, () => this.start());
    this.flights = new Flights(
      settings.fsync === 'batch',
      (flight) => this.commit(flight),
      (draft) => this.memory.giveBack(draft.memory),
    );
  }

  /** The number of the last record that is safely stored. */
  get lastSeq(): number {
    return this.seq;
  }

  /** Resolves when the events are written and, with `fsync: 'batch'`, on the disk. A rejection means: none of them is. */
  append(events: readonly SafeEvent[], wantsReceipts: boolean): Promise<readonly AuditReceipt[]> {
    if (this.isEnded) return Promise.reject(new AuditError('the file chain has ended'));
    return new Promise((resolve, reject) => {
      this.pending.push({ events, wantsReceipts, resolve, reject });
      this.go();
    });
  }

  noteGap(gap: AuditGap): void {
    this.gaps.push(gap);
  }

  noteConfig(config: Readonly<Record<string, unknown>>): void {
    this.config = config;
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
    this.checkpoints.stop();
    if (this.segments.current === undefined && this.gaps.length === 0) return;
    const segment = this.segments.current ?? this.open();
    await this.checkpoints.prepare();
    const draft = this.draft([]);
    const note = this.seal(draft, 'end', { eventType: 'audit.stop', reason: 'closed' });
    await this.fly(segment, draft, [], note);
    this.segments.current = undefined;
    this.checkpoints.stop();
    await segment.close();
    await this.checkpoints.ratchet?.end();
  }

  /** At the exit of the process: finishes what is on its way, writes these events and the end, without waiting. */
  endSync(events: readonly SafeEvent[]): void {
    if (this.isEnded) return;
    this.isEnded = true;
    // The file is then left to the end of the process: its number must be nobody else's while a write may use it.
    const isInUse = this.flights.isUnderWay;
    const landed = this.flights.landSync();
    this.checkpoints.stop();
    const jobs = [...this.current, ...this.pending].filter((job) => !landed.includes(job));
    this.pending = [];
    const hasNothing = jobs.length === 0 && events.length === 0 && this.gaps.length === 0;
    const { current } = this.segments;
    if (current === undefined && hasNothing) return;
    const segment = current?.isUnsettled === false ? current : this.open();
    this.checkpoints.prepareSync();
    const draft = this.draft([...jobs, { events }]);
    const receipts = jobs.map((job) => this.addEvents(draft, job));
    for (const event of events) draft.addEvent(event);
    this.seal(draft, 'end', { eventType: 'audit.stop', reason: 'exit' });
    segment.writeSync(draft.bytes);
    if (this.settings.fsync === 'batch') segment.syncSync();
    if (!isInUse) segment.closeSync();
    this.segments.current = undefined;
    this.checkpoints.ratchet?.endSync();
    jobs.forEach((job, index) => job.resolve(receipts[index]!));
  }

  private go(): void {
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      if (this.pending.length > 0) this.go();
    });
  }

  private async run(): Promise<void> {
    while (this.pending.length > 0 && !this.isEnded) {
      const jobs = this.pending.splice(0, jobsThatFit(this.pending, this.checkpoints.room));
      this.current = jobs;
      try {
        await this.write(jobs);
      } catch (error) {
        for (const job of jobs) job.reject(error);
        this.checkpoints.arm();
      }
      this.current = [];
    }
  }

  private async write(jobs: readonly Job[]): Promise<void> {
    await this.leaveSegmentIfDue();
    const prune = this.segments.current === undefined ? await this.retention.pruneRecords(this.clock.now()) : [];
    if (this.isEnded) return;
    const segment = this.segments.current ?? this.open(prune);
    const records = jobs.reduce((sum, { events }) => sum + events.length, this.ownRecords);
    if (this.checkpoints.isDueBefore(records)) await this.flyCheckpoint(segment);
    if (this.isEnded) return;
    const isDue = this.checkpoints.isDue(records);
    if (isDue) await this.checkpoints.prepare();
    if (this.isEnded) return;
    const draft = this.draft(jobs);
    const receipts = jobs.map((job) => this.addEvents(draft, job));
    const landed = (): void => jobs.forEach((job, index) => job.resolve(receipts[index]!));
    const note = isDue ? this.seal(draft, 'checkpoint', {}) : undefined;
    if (draft.records > 0) await this.fly(segment, draft, jobs, note, landed);
    else landed();
  }

  private async flyCheckpoint(segment: Segment): Promise<void> {
    await this.checkpoints.prepare();
    if (this.isEnded) return;
    const draft = this.draft([]);
    await this.fly(segment, draft, [], this.seal(draft, 'checkpoint', {}));
  }

  private addEvents(draft: Draft, { events, wantsReceipts }: Job): readonly AuditReceipt[] {
    const receipts: AuditReceipt[] = [];
    for (const event of events) {
      draft.addEvent(event);
      if (wantsReceipts) receipts.push({ chain: this.id, seq: draft.seq, hash: draft.head });
    }
    return receipts;
  }

  private get ownRecords(): number {
    return this.segments.preamble.length + this.gaps.length;
  }

  /** The next records, of these jobs, with the log's own in front. */
  private draft(jobs: readonly Pick<Job, 'events'>[]): Draft {
    const memory = this.memory.take(Draft.bytesFor(jobs.map(({ events }) => events)));
    const draft = new Draft(this.opening, this.seq, this.head, memory);
    for (const [type, content] of this.segments.preamble) draft.add(type, this.content(content));
    for (const gap of this.gaps) draft.add('gap', this.content({ eventType: 'audit.gap', ...gap }));
    return draft;
  }

  /** Adds the record that signs everything before it; the answer is the note for the anchor. */
  private seal(draft: Draft, type: 'checkpoint' | 'end', fields: object): string {
    const timestamp = this.clock.stamp();
    const { content, note } = this.checkpoints.contentFor(draft, timestamp, type === 'end');
    draft.add(type, serialize({ timestamp, ...fields, ...content } as never));
    return note;
  }

  private fly(
    segment: Segment,
    draft: Draft,
    jobs: readonly Job[],
    note?: string,
    landed: () => void = () => undefined,
  ): Promise<void> {
    return this.flights.fly({ segment, draft, jobs, gaps: this.gaps.length, note, landed });
  }

  private commit({ segment, draft, gaps, note, landed }: Flight): void {
    segment.position += draft.bytes.length;
    segment.records += draft.records;
    this.seq = draft.seq;
    this.head = draft.head;
    this.segments.preamble = [];
    this.gaps.splice(0, gaps);
    this.retention.prune();
    this.onStarted?.();
    this.onStarted = undefined;
    this.checkpoints.committed(draft.records, note);
    landed();
  }

  private async leaveSegmentIfDue(): Promise<void> {
    const { segments } = this;
    const { current } = segments;
    const reason = segments.reasonToLeave(this.clock.now());
    if (reason === undefined || current === undefined) return;
    if (reason === 'lost') {
      segments.leave(reason, this.seq);
      return;
    }
    const draft = this.draft([]);
    draft.add('seal', this.content({ segment: current.no, records: current.records, bytes: current.position }));
    await this.fly(current, draft, [], undefined, () => {
      this.retention.noteSealed(current.file, this.seq, this.head);
      segments.leave(reason, this.seq);
    });
  }

  private open(prune?: readonly ControlRecord[]): Segment {
    return this.segments.open(this.clock.now(), this.seq, prune);
  }

  private start(): readonly ControlRecord[] {
    const { checkpoints, ratchets, shelf, settings, id: chain, instance, config: logger } = this;
    const ratchet = (checkpoints.ratchet ??= ratchets.claim(chain));
    if (ratchet !== undefined) shelf.ratchet = { line: ratchet.line, generation: ratchet.generation };
    const started = startRecords({ chain, instance, settings, ratchet, logger }, shelf, ratchets);
    this.onStarted = () => started.handedOver.forEach(({ path }) => ratchets.remove(path));
    return started.records;
  }

  private content(fields: object): string {
    return serialize({ timestamp: this.clock.stamp(), ...fields } as never);
  }
}
