import type { Backlog } from './backlog.js';
import { AuditQueue, type QueuedEvent, type QueueLimits } from './audit-queue.js';
import { Trials } from './trials.js';

export interface OutboxLimits {
  readonly queue: QueueLimits;
  /** Events of one call of the sink. */
  readonly batchEvents: number;
  readonly batchBytes: number;
  /** How often one event is offered on its own before it is set aside or given up: see `Trials`. */
  readonly attempts: number;
}

/** A batch is at most this share of the queue, so that what is in hand does not double what may wait. */
const BATCH_SHARE = 1 / 8;
const MOST_SET_ASIDE = 8;

/** What one sink has not taken yet: the batch it is offered now, what was split off from it, and the queue behind. */
export class Outbox {
  batch: readonly QueuedEvent[] = [];
  private held: readonly QueuedEvent[] = [];
  /** Set aside, to be offered again one by one when the sink has taken another, or nothing else is left. */
  private later: QueuedEvent[] = [];
  private isLaterDue = false;
  /** What had no room in the queue, but lies in a chain: in front of all that is in the queue. */
  backlog: Backlog | undefined;
  /** Which of the queue may be taken. */
  isReady: ((item: QueuedEvent) => boolean) | undefined;
  private readonly queue: AuditQueue;
  /** The most of one batch. */
  readonly batchEvents: number;
  private readonly batchBytes: number;
  /** `undefined`: the sink takes every event in the end. */
  private readonly trials: Trials | undefined;

  constructor({ queue, batchEvents, batchBytes, attempts }: OutboxLimits) {
    this.trials = attempts === Infinity ? undefined : new Trials(attempts);
    this.queue = new AuditQueue(queue);
    this.batchEvents = Math.min(batchEvents, Math.ceil(queue.maxEvents * BATCH_SHARE));
    this.batchBytes = Math.min(batchBytes, Math.ceil(queue.maxBytes * BATCH_SHARE));
  }

  get length(): number {
    return this.queue.length + this.batch.length + this.held.length + this.later.length + this.behind;
  }

  /** How many have to be read back from the chain first. */
  get behind(): number {
    return this.backlog?.count ?? 0;
  }

  push(item: QueuedEvent, dropped: (item: QueuedEvent) => void): void {
    this.queue.push(item, dropped, this.backlog?.add);
  }

  /** Fills the batch if it is empty; whether there is anything in it. */
  fill(): boolean {
    if (this.batch.length > 0) return true;
    if (this.later.length > 0 && (this.isLaterDue || this.length === this.later.length)) {
      this.batch = [this.later.shift()!];
    } else if (this.held.length > 0) {
      this.batch = this.held;
      this.held = [];
    } else if (this.behind === 0) {
      this.batch = this.queue.take(this.batchEvents, this.batchBytes, this.isReady);
    }
    return this.batch.length > 0;
  }

  /** What was lost from the chain meanwhile is answered as a number. */
  async readBack(): Promise<() => number> {
    const read = await this.backlog!.next(this.batchEvents, this.batchBytes);
    return () => {
      this.batch = read;
      return this.backlog!.taken(read);
    };
  }

  /** The sink has the batch; what was set aside is next. */
  taken(): readonly QueuedEvent[] {
    const batch = this.takeBatch();
    this.trials?.succeeded(batch);
    this.isLaterDue = this.later.length > 0;
    return batch;
  }

  /** The sink has refused the batch. Answers with the event that it is not offered again, if there is one. */
  refused(): QueuedEvent | undefined {
    if (this.trials === undefined) return undefined;
    if (this.batch.length > 1) {
      this.halve();
      return undefined;
    }
    const verdict = this.trials.failed(this.batch[0]!);
    if (verdict === 'later') this.setAside();
    return verdict === 'never' ? this.takeBatch()[0] : undefined;
  }

  /** The batch, which is then empty. */
  takeBatch(): readonly QueuedEvent[] {
    const { batch } = this;
    this.batch = [];
    return batch;
  }

  /** Everything in order, without the batch where that is on its way. */
  takeAll(isBatchOnItsWay: boolean): QueuedEvent[] {
    const all = [...(isBatchOnItsWay ? [] : this.takeBatch()), ...this.later, ...this.held];
    this.held = [];
    this.later = [];
    this.backlog?.clear();
    for (let next; (next = this.queue.take(Infinity, Infinity)).length > 0;) {
      for (const item of next) all.push(item);
    }
    return all;
  }
  /** Puts off the batch, which is one event, for those behind it; at most so many at once. */
  private setAside(): void {
    this.later.push(...this.takeBatch());
    this.isLaterDue = this.later.length >= MOST_SET_ASIDE;
  }

  /** One event that the sink can never take must not keep the others: halved again and again, it is found. */
  private halve(): void {
    const half = Math.ceil(this.batch.length / 2);
    this.held = [...this.batch.slice(half), ...this.held];
    this.batch = this.batch.slice(0, half);
  }
}
