import type { AuditReceipt, AuditSinkStatus } from './audit-event.js';
import type { QueuedEvent } from './audit-queue.js';
import type { AuditSink, DurableAuditSink } from './audit-sink.js';
import { AuditError } from './audit-error.js';
import { confirmAppends, failAppends } from './appends.js';
import { Backlog } from './backlog.js';
import { Followers } from './followers.js';
import { Idle } from './idle.js';
import { Outbox } from './outbox.js';
import { Pump } from './pump.js';
import { isThenable } from './sink-answer.js';
import { SinkPort, type Drained } from './sink-port.js';
import type { SinkSettings } from './sink-settings.js';
import { SinkTally } from './sink-tally.js';
import { within } from './timers.js';

export interface SinkListener {
  written(worker: SinkWorker, count: number): void;
  dropped(worker: SinkWorker, count: number, reason: string): void;
  /** The sink takes others, but not this one. */
  gaveUp(worker: SinkWorker, item: QueuedEvent, error: string): void;
  now(): string;
}

/**
 * Carries events to one sink, and keeps whatever that sink does away from everybody else: its own bounded queue, one
 * call at a time, a deadline, growing waits after failures, every loss counted by its reason.
 */
export class SinkWorker {
  readonly tally = new SinkTally();
  /** Whether it has to know where events lie in a chain: as the chain, or as one who follows it. */
  isFiling = false;

  private readonly outbox: Outbox;
  private readonly port: SinkPort;
  private readonly durable: DurableAuditSink | undefined;
  private readonly followers = new Followers();
  private readonly pump: Pump;
  /** Somebody waits for an event that is in the queue. */
  private isUrgent = false;
  private readonly idle = new Idle();
  private isClosed = false;
  private readonly drained: Drained = {
    taken: (count) => this.count(count),
    lost: (items, error) => {
      this.tally.note(error);
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
    this.port = new SinkPort(sink);
    this.durable = this.port.durable;
    this.pump = new Pump(settings, () => this.nextBatch() && this.offer());
  }

  /** It is told of the log itself: not where somebody only looks, or where the sink keeps records of its own. */
  get wantsOwn(): boolean {
    return this.settings.isTrail && this.durable === undefined;
  }

  noteConfig(config: Readonly<Record<string, unknown>>): void {
    this.durable?.noteConfig(config);
  }

  get isChain(): boolean {
    return this.durable !== undefined;
  }

  get isDurable(): boolean {
    return this.durable?.durable === true;
  }

  /**
   * Takes from this chain, later, what its own queue has no room for. In return it offers an event only when the chain
   * has it, so that the event has its place with it; while the chain fails, nobody waits for it.
   */
  follow(chain: SinkWorker): void {
    if (!this.wantsOwn || this.port.isImmediate) return;
    this.isFiling = true;
    chain.isFiling = true;
    chain.followers.add(this);
    this.outbox.backlog = new Backlog(chain.durable!);
    this.outbox.isReady = ({ filing }) => filing?.isSettled !== false || chain.isFailing || chain.isClosed;
  }

  get name(): string {
    return this.settings.name;
  }

  get isFailing(): boolean {
    return this.tally.error !== undefined;
  }

  get queued(): number {
    return this.outbox.length;
  }

  get status(): AuditSinkStatus {
    return this.tally.statusOf(this.name, this.queued, this.isClosed);
  }

  enqueue(item: QueuedEvent): void {
    if (this.isClosed) {
      this.drop(item, 'closed');
      return;
    }
    this.outbox.push(item, this.onDrop);
    if (item.acknowledgement !== undefined) this.isUrgent = true;
    if (this.port.isImmediate) this.pump.run();
    else this.schedule();
  }

  /** Resolves when everything that waits has been offered once: written, or refused. Never rejects. */
  async flush(deadlineMs: number): Promise<void> {
    if (this.queued > 0) {
      const idle = this.idle.wait();
      this.pump.backoff.stop();
      this.pump.run();
      await within(deadlineMs, idle);
    }
    await this.ask('flush', deadlineMs);
  }

  async close(deadlineMs: number): Promise<void> {
    if (this.isClosed) return;
    await this.flush(deadlineMs);
    if (this.queued > 0) this.drainSync();
    this.isClosed = true;
    this.pump.stop();
    await this.ask('close', deadlineMs);
  }

  /** The last chance, when the process exits or the logger closes: no waiting, nothing is left in the queue. */
  drainSync(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.pump.stop();
    // What is on its way in a call is that call's; a durable sink finishes it by itself.
    const { behind } = this.outbox;
    if (behind > 0) this.lose(behind, 'shutdown');
    const waiting = this.outbox.takeAll(this.pump.call.isUnderWay);
    this.port.drain(waiting, this.settings.batchEvents, this.drained);
    this.idle.wake();
  }

  schedule(): void {
    if (this.isUrgent || this.queued >= this.outbox.batchEvents) this.pump.soon();
    else this.pump.later();
  }

  /** After a call: at once, if somebody waits for what is left. */
  private goOn(): void {
    if (this.isClosed) return;
    if (this.isUrgent || this.idle.isAwaited || this.settings.gatherMs === 0 || this.queued === 0) this.pump.run();
    else this.schedule();
  }

  private nextBatch(): boolean {
    if (this.outbox.fill()) return true;
    if (this.outbox.behind > 0) this.readBack();
    if (this.queued > 0) return false;
    this.tally.isOverflowing = false;
    this.idle.wake();
    return false;
  }

  /** From the chain. Its trouble is waited for like the sink's. */
  private readBack(): void {
    this.pump.call.watch(this.outbox.readBack(), this.settings.deadlineMs, {
      answered: (take) => {
        if (this.isClosed) return;
        const missing = take();
        if (missing > 0) this.lose(missing, 'not_retained');
        this.pump.run();
      },
      failed: (error) => {
        this.tally.note(error);
        this.pump.backoff.failed();
        if (!this.isClosed) this.pump.wait();
        this.idle.wake();
      },
      late: () => {
        this.tally.note(new AuditError(`the chain has not been read within ${this.settings.deadlineMs} ms`));
        this.idle.wake();
      },
    });
  }

  /** Whether to go on at once. */
  private offer(): boolean {
    let answer: unknown;
    try {
      this.port.tell(this.tally.losses);
      answer = this.port.offer(this.outbox.batch, this.wantsReceipts(this.outbox.batch));
      if (!isThenable(answer)) {
        this.succeed(undefined);
        return true;
      }
    } catch (error) {
      return this.fail(error, 'sink_error');
    }
    this.pump.call.watch(answer, this.settings.deadlineMs, {
      answered: (receipts) => {
        this.succeed(Array.isArray(receipts) ? (receipts as readonly AuditReceipt[]) : undefined);
        this.goOn();
      },
      failed: (error) => {
        if (this.fail(error, 'sink_error') && !this.isClosed) this.pump.run();
      },
      late: () => this.onDeadline(),
    });
    return false;
  }

  private wantsReceipts(batch: readonly QueuedEvent[]): boolean {
    if (this.followers.areThere) return true;
    return this.isDurable && batch.some(({ acknowledgement }) => acknowledgement !== undefined);
  }

  private onDeadline(): void {
    const error = new AuditError(`${this.settings.name} has not answered within ${this.settings.deadlineMs} ms`);
    if (this.durable) {
      // Its write may still succeed, and a second copy would be a second record: it is waited for, but nobody else waits.
      this.tally.note(error);
      for (const { acknowledgement } of this.outbox.batch) acknowledgement?.reject(error);
      this.idle.wake();
      this.followers.wake();
      return;
    }
    this.pump.call.abandon();
    if (this.fail(error, 'timeout')) this.pump.wait();
  }

  private succeed(receipts: readonly AuditReceipt[] | undefined): void {
    const batch = this.outbox.taken();
    if (this.queued === 0) this.isUrgent = false;
    this.pump.backoff.succeeded();
    this.tally.error = undefined;
    if (receipts !== undefined) {
      if (this.followers.areThere) batch.forEach((item, index) => this.followers.tellPlace(item, receipts[index]));
      confirmAppends(batch, receipts);
    }
    this.count(batch.length);
    this.followers.wake();
  }

  /** Whether to go on at once with the next. */
  private fail(error: unknown, reason: string): boolean {
    this.tally.note(error);
    this.pump.backoff.failed();
    if (this.durable) {
      const { kept, givenUp } = failAppends(this.outbox.batch, error);
      this.outbox.batch = kept;
      for (const item of givenUp) this.drop(item, 'append_failed');
    }
    this.followers.wake();
    if (this.isClosed) {
      for (const item of this.outbox.takeBatch()) this.drop(item, 'shutdown');
      return false;
    }
    const givenUp = this.outbox.batch.length > 0 ? this.outbox.refused() : undefined;
    if (givenUp !== undefined) {
      this.drop(givenUp, reason);
      this.listener.gaveUp(this, givenUp, this.tally.error ?? reason);
      if (this.settings.backoffMs === 0) return true;
    }
    this.pump.wait();
    this.idle.wake();
    return false;
  }

  private drop(item: QueuedEvent, reason: string): void {
    item.acknowledgement?.reject(new AuditError(`the event was dropped: ${reason}`));
    if (reason === 'queue_full') this.tally.isOverflowing = true;
    this.followers.tellPlace(item, undefined);
    this.lose(1, reason);
  }

  private lose(count: number, reason: string): void {
    this.tally.losses.add(reason, this.listener.now(), count);
    this.listener.dropped(this, count, reason);
    this.followers.wake();
  }

  private count(events: number): void {
    this.tally.written += events;
    if (events > 0) this.listener.written(this, events);
  }

  private ask(method: 'flush' | 'close', deadlineMs: number): Promise<void> {
    return this.port.ask(method, this.tally.losses, deadlineMs, (error) => this.tally.note(error));
  }
}
