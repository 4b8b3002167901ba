import type { AuditReceipt, AuditSinkStatus } from './audit-event.js';
import type { QueuedEvent } from './audit-queue.js';
import type { AuditSink, DurableAuditSink } from './audit-sink.js';
import { AuditError } from './audit-error.js';
import { failAppends } from './appends.js';
import { Backlog } from './backlog.js';
import { Backoff } from './backoff.js';
import { Call } from './call.js';
import { settle } from './filing.js';
import { LossLedger } from './loss-ledger.js';
import { Outbox } from './outbox.js';
import { describeSinkError, isThenable } from './sink-answer.js';
import { SinkPort, type Drained } from './sink-port.js';
import type { SinkSettings } from './sink-settings.js';
import { within } from './timers.js';
import { Trials } from './trials.js';
import { Turns } from './turns.js';

export interface SinkListener {
  written(worker: SinkWorker, count: number): void;
  dropped(worker: SinkWorker, count: number, reason: string): void;
  /** The sink takes others, but not this one. */
  gaveUp(worker: SinkWorker, item: QueuedEvent, error: string): void;
  now(): string;
}

/** So many calls of a sink that answers at once are made before the event loop has its turn. */
const ROUNDS_PER_TURN = 8;

/**
 * Carries events to one sink, and keeps whatever that sink does away from everybody else: its own bounded queue, one
 * call at a time, a deadline, growing waits after failures, every loss counted by its reason.
 */
export class SinkWorker {
  written = 0;
  /** Whether it has to know where events lie in a chain: as the chain, or as one who follows it. */
  isFiling = false;

  private readonly outbox: Outbox;
  private readonly losses = new LossLedger();
  private readonly port: SinkPort;
  private readonly durable: DurableAuditSink | undefined;
  /** Those that get from this one's chain what they had no room for. */
  private followers: SinkWorker[] = [];
  private readonly call = new Call();
  private isPumping = false;
  private readonly turns: Turns;
  /** Somebody waits for an event that is in the queue. */
  private isUrgent = false;
  private readonly backoff: Backoff;
  private readonly trials: Trials;
  private error: string | undefined;
  private isOverflowing = false;
  private isClosed = false;
  private idleWaiters: (() => void)[] = [];
  private readonly drained: Drained = {
    taken: (count) => this.count(count),
    lost: (items, error) => {
      this.note(error);
      for (const item of items) this.drop(item, 'shutdown');
    },
  };
  private readonly onDrop = (item: QueuedEvent) => this.drop(item, 'queue_full');

  constructor(
    sink: AuditSink,
    private readonly settings: SinkSettings,
    private readonly listener: SinkListener,
  ) {
    this.outbox = new Outbox(settings);
    this.trials = new Trials(settings.attempts);
    this.backoff = new Backoff(settings);
    this.port = new SinkPort(sink);
    this.durable = this.port.durable;
    this.turns = new Turns(settings.gatherMs, () => this.pump());
  }

  /** It is told of the log itself: not where somebody only looks, or where the sink keeps records of its own. */
  get wantsOwn(): boolean {
    return this.settings.isTrail && this.durable === undefined;
  }

  noteConfig(config: Readonly<Record<string, unknown>>): void {
    this.durable?.noteConfig(config);
  }

  get isDurable(): boolean {
    return this.durable?.durable === true;
  }

  get isChain(): boolean {
    return this.durable !== undefined;
  }

  /**
   * Takes from this chain, later, what its own queue has no room for. In return it offers an event only when the chain
   * has it, so that the event has its place with it; while the chain fails, nobody waits for it.
   */
  follow(chain: SinkWorker): void {
    if (!this.wantsOwn || this.port.isImmediate) return;
    this.isFiling = true;
    chain.isFiling = true;
    chain.followers.push(this);
    this.outbox.backlog = new Backlog(chain.durable!);
    this.outbox.isReady = ({ filing }) => filing?.isSettled !== false || chain.isFailing || chain.isClosed;
  }

  get name(): string {
    return this.settings.name;
  }

  get isFailing(): boolean {
    return this.error !== undefined;
  }

  get queued(): number {
    return this.outbox.length;
  }

  get dropped(): ReadonlyMap<string, number> {
    return this.losses.total;
  }

  get status(): AuditSinkStatus {
    const { isClosed, isFailing, isOverflowing, error } = this;
    return {
      name: this.settings.name,
      state: isClosed ? 'closed' : isFailing ? 'failing' : isOverflowing ? 'dropping' : 'ok',
      ...(error !== undefined && { error }),
      queued: this.queued,
      written: this.written,
      dropped: this.losses.count,
    };
  }

  enqueue(item: QueuedEvent): void {
    if (this.isClosed) {
      this.drop(item, 'closed');
      return;
    }
    this.outbox.push(item, this.onDrop);
    if (item.acknowledgement !== undefined) this.isUrgent = true;
    if (this.port.isImmediate) this.pump();
    else this.schedule();
  }

  /** Resolves when everything that waits has been offered once: written, or refused. Never rejects. */
  async flush(deadlineMs: number): Promise<void> {
    if (this.queued > 0) {
      const idle = new Promise<void>((resolve) => this.idleWaiters.push(resolve));
      this.backoff.stop();
      if (!this.call.isUnderWay) this.pump();
      await within(deadlineMs, idle);
    }
    await this.ask('flush', deadlineMs);
  }

  async close(deadlineMs: number): Promise<void> {
    if (this.isClosed) return;
    await this.flush(deadlineMs);
    if (this.queued > 0) this.drainSync();
    this.isClosed = true;
    this.stopTimers();
    await this.ask('close', deadlineMs);
  }

  /** The last chance, when the process exits or the logger closes: no waiting, nothing is left in the queue. */
  drainSync(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stopTimers();
    // What is on its way in a call is that call's; a durable sink finishes it by itself.
    const { behind } = this.outbox;
    if (behind > 0) this.lose(behind, 'shutdown');
    const waiting = this.outbox.takeAll(this.call.isUnderWay);
    this.port.drain(waiting, this.settings.batchEvents, this.drained);
    this.wakeIdle();
  }

  private schedule(): void {
    if (this.call.isUnderWay || this.backoff.isWaiting) return;
    if (this.isUrgent || this.queued >= this.outbox.batchEvents) this.turns.soon();
    else this.turns.later();
  }

  /** After a call: at once, if somebody waits for what is left. */
  private goOn(): void {
    if (this.isClosed) return;
    if (this.isUrgent || this.idleWaiters.length > 0 || this.settings.gatherMs === 0 || this.queued === 0) this.pump();
    else this.schedule();
  }

  private readonly pump = (): void => {
    if (this.isPumping || this.call.isUnderWay || this.backoff.isWaiting) return;
    this.isPumping = true;
    try {
      for (let round = 0; round < ROUNDS_PER_TURN; round++) {
        if (!this.nextBatch()) return;
        if (!this.offer()) return;
      }
    } finally {
      this.isPumping = false;
    }
    this.schedule();
  };

  private nextBatch(): boolean {
    if (this.outbox.fill()) return true;
    if (this.outbox.behind > 0) this.readBack();
    if (this.queued > 0) return false;
    this.isOverflowing = false;
    this.wakeIdle();
    return false;
  }

  /** From the chain. Its trouble is waited for like the sink's. */
  private readBack(): void {
    const failed = (error: unknown): void => {
      this.note(error);
      this.backoff.failed();
      if (!this.isClosed) this.wait();
      this.wakeIdle();
    };
    this.call.watch(this.outbox.readBack(), this.settings.deadlineMs, {
      answered: (take) => {
        if (this.isClosed) return;
        const missing = take();
        if (missing > 0) this.lose(missing, 'not_retained');
        this.pump();
      },
      failed,
      late: () => {
        this.note(new AuditError(`the chain has not been read within ${this.settings.deadlineMs} ms`));
        this.wakeIdle();
      },
    });
  }

  /** Whether to go on at once. */
  private offer(): boolean {
    const { batch } = this.outbox;
    let answer: unknown;
    try {
      this.port.tell(this.losses);
      answer = this.port.offer(batch, this.wantsReceipts(batch));
      if (!isThenable(answer)) {
        this.succeed(undefined);
        return true;
      }
    } catch (error) {
      return this.fail(error, 'sink_error');
    }
    this.call.watch(answer, this.settings.deadlineMs, {
      answered: (receipts) => {
        this.succeed(Array.isArray(receipts) ? (receipts as readonly AuditReceipt[]) : undefined);
        this.goOn();
      },
      failed: (error) => {
        if (this.fail(error, 'sink_error') && !this.isClosed) this.pump();
      },
      late: () => this.onDeadline(),
    });
    return false;
  }

  private wantsReceipts(batch: readonly QueuedEvent[]): boolean {
    if (this.followers.length > 0) return true;
    return this.isDurable && batch.some(({ acknowledgement }) => acknowledgement !== undefined);
  }

  private onDeadline(): void {
    const error = new AuditError(`${this.settings.name} has not answered within ${this.settings.deadlineMs} ms`);
    if (this.durable) {
      // Its write may still succeed, and a second copy would be a second record: it is waited for, but nobody else waits.
      this.note(error);
      for (const { acknowledgement } of this.outbox.batch) acknowledgement?.reject(error);
      this.wakeIdle();
      this.wakeFollowers();
      return;
    }
    this.call.abandon();
    if (this.fail(error, 'timeout')) this.wait();
  }

  private succeed(receipts: readonly AuditReceipt[] | undefined): void {
    const batch = this.outbox.takeBatch();
    if (this.queued === 0) this.isUrgent = false;
    this.trials.succeeded(batch);
    this.outbox.recallLater();
    this.backoff.succeeded();
    this.error = undefined;
    for (let index = 0; index < (receipts?.length ?? 0); index++) {
      const { acknowledgement, filing } = batch[index]!;
      if (this.followers.length > 0) settle(filing, receipts![index]);
      acknowledgement?.resolve(receipts![index]!);
    }
    this.count(batch.length);
    this.wakeFollowers();
  }

  /** Whether to go on at once with the next. */
  private fail(error: unknown, reason: string): boolean {
    this.note(error);
    this.backoff.failed();
    if (this.durable) this.giveUpAppends(error);
    this.wakeFollowers();
    if (this.isClosed) {
      for (const item of this.outbox.takeBatch()) this.drop(item, 'shutdown');
      return false;
    }
    const { attempts, backoffMs } = this.settings;
    if (attempts !== Infinity && this.outbox.batch.length > 1) {
      this.outbox.halve();
    } else if (attempts !== Infinity && this.judgeFirst(reason) && backoffMs === 0) {
      return true;
    }
    this.wait();
    this.wakeIdle();
    return false;
  }

  /** Whether the one event of the batch was given up. */
  private judgeFirst(reason: string): boolean {
    const verdict = this.trials.failed(this.outbox.batch[0]!);
    if (verdict === 'later') this.outbox.setAside();
    if (verdict !== 'never') return false;
    for (const item of this.outbox.takeBatch()) {
      this.drop(item, reason);
      this.listener.gaveUp(this, item, this.error ?? reason);
    }
    return true;
  }

  private wait(): void {
    this.backoff.wait(this.pump);
  }

  private giveUpAppends(error: unknown): void {
    const { kept, givenUp } = failAppends(this.outbox.batch, error);
    this.outbox.batch = kept;
    for (const item of givenUp) this.drop(item, 'append_failed');
  }

  private drop(item: QueuedEvent, reason: string): void {
    item.acknowledgement?.reject(new AuditError(`the event was dropped: ${reason}`));
    if (reason === 'queue_full') this.isOverflowing = true;
    if (this.followers.length > 0) settle(item.filing, undefined);
    this.lose(1, reason);
  }

  private lose(count: number, reason: string): void {
    this.losses.add(reason, this.listener.now(), count);
    this.listener.dropped(this, count, reason);
    this.wakeFollowers();
  }

  private wakeFollowers(): void {
    for (const follower of this.followers) if (follower.queued > 0) follower.schedule();
  }

  private count(events: number): void {
    if (events === 0) return;
    this.written += events;
    this.listener.written(this, events);
  }

  private note(error: unknown): void {
    this.error = describeSinkError(error);
  }

  private ask(method: 'flush' | 'close', deadlineMs: number): Promise<void> {
    return this.port.ask(method, this.losses, deadlineMs, (error) => this.note(error));
  }

  private stopTimers(): void {
    this.turns.stop();
    this.backoff.stop();
    this.call.stopTimer();
  }

  private wakeIdle(): void {
    const waiters = this.idleWaiters;
    if (waiters.length === 0) return;
    this.idleWaiters = [];
    for (const wake of waiters) wake();
  }
}
