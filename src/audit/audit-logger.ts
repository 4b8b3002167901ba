import type { AuthEvent } from '../events/auth-event.js';
import { AuditError } from './audit-error.js';
import {
  isNeverHidden,
  type AuditDetails,
  type AuditEntry,
  type AuditEvent,
  type AuditReceipt,
  type AuditStatus,
} from './audit-event.js';
import { checkAuditOptions, type AuditOptions } from './audit.options.js';
import { awaitReceipt } from './appends.js';
import type { Acknowledgement } from './audit-queue.js';
import { onExit } from './exit-drain.js';
import type { Filing } from './filing.js';
import { GapLedger } from './gap-ledger.js';
import { IsoClock } from './iso-clock.js';
import { configOf, gapEvent, startEvents, STOP_EVENT } from './own-events.js';
import { EventWriter } from './event-writer.js';
import type { SafeEvent } from './safe-event.js';
import type { SinkSettings } from './sink-settings.js';
import type { SinkWorker } from './sink-worker.js';
import { sinkWorkers } from './sink-workers.js';
import { Tellings } from './tellings.js';
import { after } from './timers.js';

const FLUSH_DEADLINE_MS = 5000;
const DURABLE_DEADLINE_MS = 5000;
const GAP_EVERY_MS = 1000;

/**
 * Writes audit events. `log` makes the event safe and puts it into the queue of each sink; the sinks are called
 * outside the request, so nothing they do reaches it.
 *
 * Usable with `new`, without Nest: then call {@link AuditLogger.close} at the end.
 *
 * @example
 * ```ts
 * constructor(private readonly audit: AuditLogger) {}
 *
 * refund(order: { id: string }, caller: Caller) {
 *   this.audit.log({ eventType: 'order_refunded', userId: caller.userId, metadata: { orderId: order.id } });
 * }
 * ```
 */
export class AuditLogger {
  private readonly workers: readonly SinkWorker[];
  private readonly durable: SinkWorker | undefined;
  private readonly isFiling: boolean;
  private readonly writer: EventWriter;
  private readonly clock: IsoClock;
  private readonly transform: AuditOptions['transform'];
  private readonly errors = new Map<string, number>();
  private written = 0;
  private readonly tellings: Tellings;
  private readonly drainsOnSignal: boolean;
  private forgetExit: (() => void) | undefined;
  private readonly config: Readonly<Record<string, unknown>>;
  private readonly gaps = new GapLedger();
  private stopGaps: (() => void) | undefined;
  private isStarted = false;
  private isClosed = false;

  /**
   * @param publish Told what was written and lost, in counts. @internal
   * @param now Epoch milliseconds. @internal
   * @param settings How sinks are called; tests shorten the waits. @internal
   * @throws OptionsError if an option is wrong.
   */
  constructor(
    options: AuditOptions = {},
    publish?: (event: AuthEvent) => void,
    now?: () => number,
    settings: Partial<Omit<SinkSettings, 'name' | 'queue'>> = {},
  ) {
    checkAuditOptions(options, 'audit');
    this.clock = new IsoClock(now);
    this.writer = new EventWriter(options);
    this.transform = options.transform;
    this.drainsOnSignal = options.drainOnSignal ?? true;
    this.tellings = new Tellings(publish, () => this.noteError('publish'));
    this.workers = sinkWorkers(options, settings, {
      written: (worker) => this.onWritten(worker),
      dropped: (from, count, reason) => this.onDropped(from, count, reason),
      gaveUp: ({ name }, { event }, error) => {
        try {
          options.onDeadLetter?.(event.value, { sink: name, error });
        } catch {
          this.noteError('onDeadLetter');
        }
      },
      now: () => this.clock.stamp(),
    });
    this.durable = this.workers.find((worker) => worker.isDurable);
    const chain = this.workers.find((worker) => worker.isChain);
    if (chain !== undefined) for (const worker of this.workers) worker.follow(chain);
    this.isFiling = this.workers.some((worker) => worker.isFiling);
    this.config = configOf(
      options,
      this.workers.map(({ name }) => name),
    );
    for (const worker of this.workers) worker.noteConfig(this.config);
  }

  /**
   * Writes an event, later and in order. Never throws, never waits: if a queue is full, the loss is counted in
   * {@link AuditLogger.status}. The time is now, unless the event has its own.
   */
  log(event: AuditEntry): void {
    try {
      const safe = this.prepare(event, true);
      if (safe !== undefined) this.enqueue(safe, undefined);
    } catch {
      this.noteError('log');
    }
  }

  /**
   * Writes an event and resolves with its receipt when it is on the disk of a {@link FileAuditSink}.
   *
   * @throws AuditError (as a rejection) if no sink can confirm, or if this one could not. A refused event is not in the
   * log; only where the disk did not answer in time may it still turn up.
   * @param deadlineMs How long the disk may take. @default 5000
   */
  append(event: AuditEntry, deadlineMs: number = DURABLE_DEADLINE_MS): Promise<AuditReceipt> {
    return this.confirm(event, deadlineMs, false);
  }

  /** Whether {@link AuditLogger.append} has a sink that can confirm. */
  get canConfirm(): boolean {
    return this.durable !== undefined;
  }

  /** As `append`, but what is not on the disk in time stays in the queue, and is counted. Never rejects. @internal */
  keep(event: AuditEntry): Promise<void> {
    return this.confirm(event, DURABLE_DEADLINE_MS, true).then(
      () => undefined,
      () => this.noteError('durable'),
    );
  }

  private confirm(event: AuditEntry, deadlineMs: number, isKept: boolean): Promise<AuditReceipt> {
    if (!this.canConfirm) {
      return Promise.reject(
        new AuditError("append() needs a sink that can confirm: a FileAuditSink with fsync 'batch' in audit.sinks"),
      );
    }
    const { acknowledgement, receipt } = awaitReceipt(deadlineMs, isKept);
    this.enqueue(this.prepare(event, false)!, acknowledgement);
    return receipt;
  }

  /** Somebody has logged in. */
  logAuthSuccess(details: AuditDetails): void {
    this.logAs(details, { eventType: 'auth_success', outcome: 'success' });
  }

  /** `reason` is a short category, such as `expired_token`. */
  logAuthFailure(reason: string, details?: AuditDetails): void {
    this.logAs(details, { eventType: 'auth_failure', outcome: 'failure', reason });
  }

  /** Somebody known was refused. */
  logAccessDenied(reason: string, details?: AuditDetails): void {
    this.logAs(details, { eventType: 'access_denied', outcome: 'denied', reason });
  }

  /**
   * Resolves when every event logged so far has been offered to every sink, and their own `flush` is done. Never
   * rejects and waits at most 5 seconds for each of them; {@link AuditLogger.status} says what went wrong.
   */
  async flush(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.flush(FLUSH_DEADLINE_MS)));
    this.tellings.tell();
  }

  get status(): AuditStatus {
    const failing = this.workers.filter((worker) => worker.isFailing).length;
    const sinks = this.workers.map((worker) => worker.status);
    const dropped: Record<string, number> = {};
    for (const worker of this.workers) {
      for (const [reason, count] of worker.tally.losses.total) dropped[reason] = (dropped[reason] ?? 0) + count;
    }
    const isDegraded = failing > 0 || sinks.some(({ state }) => state === 'dropping');
    return {
      state: failing > 0 && failing === this.workers.length ? 'failing' : isDegraded ? 'degraded' : 'ok',
      queued: this.workers.reduce((most, worker) => Math.max(most, worker.queued), 0),
      written: this.written,
      dropped,
      sinks,
      errors: Object.fromEntries(this.errors),
    };
  }

  /**
   * Begins the trail: `audit.start` and `audit.config` go to the sinks; so do `audit.gap`, when one of them could not be
   * given an event, and `audit.stop` at the end. The file chain has records of its own for that, and the console and
   * `logCallback` are spared. The module calls it.
   */
  start(): void {
    if (this.isStarted || this.isClosed) return;
    this.isStarted = true;
    for (const event of startEvents(this.config)) this.logOwn(event);
  }

  /** Flushes, closes every sink, and forgets the process's exit. The module calls it at shutdown. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    if (this.isStarted) {
      this.tellGaps();
      this.logOwn(STOP_EVENT);
    }
    this.isClosed = true;
    await Promise.all(this.workers.map((worker) => worker.close(FLUSH_DEADLINE_MS)));
    this.forgetExit?.();
    this.tellings.tell();
  }

  /** Counts a mistake of a function of the application's. @internal */
  noteError(where: string): void {
    this.errors.set(where, (this.errors.get(where) ?? 0) + 1);
  }

  private logAs(details: AuditDetails | undefined, own: AuditEntry): void {
    let event = own;
    try {
      event = { ...details, ...own };
    } catch {
      this.noteError('log');
    }
    this.log(event);
  }

  /** `undefined` if the transform leaves the event out. */
  private prepare(entry: AuditEntry, mayHide: boolean): SafeEvent | undefined {
    const safe = this.writer.write(entry, this.clock);
    if (this.transform === undefined) return safe;
    let changed: AuditEvent | null;
    try {
      changed = this.transform(safe.value);
    } catch {
      this.noteError('transform');
      return safe;
    }
    if (changed === null) return mayHide && !isNeverHidden(safe.value) ? undefined : safe;
    if (typeof changed !== 'object') {
      this.noteError('transform');
      return safe;
    }
    return changed === safe.value ? safe : this.writer.write(changed, this.clock, safe.value);
  }

  private enqueue(event: SafeEvent, acknowledgement: Acknowledgement | undefined): void {
    if (this.forgetExit === undefined && !this.isClosed) {
      this.forgetExit = onExit(() => {
        for (const worker of this.workers) worker.drainSync();
      }, this.drainsOnSignal);
    }
    const { workers, durable } = this;
    const filing: Filing | undefined = this.isFiling ? { isSettled: false, position: undefined } : undefined;
    for (let index = 0; index < workers.length; index++) {
      const worker = workers[index]!;
      worker.enqueue({
        event,
        acknowledgement: worker === durable ? acknowledgement : undefined,
        filing: worker.isFiling ? filing : undefined,
      });
    }
  }

  /** To the sinks that keep a trail and have no record of their own for it. */
  private logOwn(entry: AuditEntry): void {
    const event = this.writer.write(entry, this.clock);
    for (const worker of this.workers) {
      if (worker.wantsOwn) worker.enqueue({ event, acknowledgement: undefined });
    }
  }

  /** The losses of a second at once. */
  private tellGaps(): void {
    this.stopGaps?.();
    this.stopGaps = undefined;
    for (const [sink, gap] of this.gaps.take()) this.logOwn(gapEvent(sink, gap));
  }

  private onWritten(worker: SinkWorker): void {
    const { written } = worker.tally;
    if (written <= this.written) return;
    this.tellings.addWritten(written - this.written);
    this.written = written;
  }

  private onDropped(worker: SinkWorker, count: number, reason: string): void {
    if (this.isStarted) this.gaps.add(worker.name, reason, this.clock.stamp(), count);
    if (this.isStarted) this.stopGaps ??= after(GAP_EVERY_MS, () => this.tellGaps());
    this.tellings.addDropped(count, reason);
  }
}
