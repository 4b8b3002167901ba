import { AuditError } from './audit-error.js';
import type { QueuedEvent } from './audit-queue.js';
import { isDurableSink, type AuditSink, type DurableAuditSink } from './audit-sink.js';
import type { LossLedger } from './loss-ledger.js';
import { isThenable } from './sink-answer.js';
import { settled, within } from './timers.js';

/** What became of the events of a last call. */
export interface Drained {
  taken(count: number): void;
  lost(items: readonly QueuedEvent[], error: unknown): void;
}

/** How a sink is called, of whichever kind it is. */
export class SinkPort {
  /** The sink, if it can say of each event where it lies on disk. */
  readonly durable: DurableAuditSink | undefined;
  /** Inside the caller's own `log`: for sinks of tests, which want to look at once. */
  readonly isImmediate: boolean;

  constructor(private readonly sink: AuditSink) {
    this.durable = isDurableSink(sink) ? sink : undefined;
    this.isImmediate = (sink as { immediate?: unknown }).immediate === true;
  }

  /** Answers as the sink does; with the receipts, where they are wanted. */
  offer(items: readonly QueuedEvent[], wantsReceipts: boolean): unknown {
    const { durable } = this;
    if (durable?.appendSafe !== undefined) return durable.appendSafe(items.map(eventOf), wantsReceipts);
    return wantsReceipts ? durable!.append(items.map(valueOf)) : this.write(items);
  }

  /** The last call, when the process exits: nobody waits for an answer. */
  drain(waiting: readonly QueuedEvent[], batchEvents: number, drained: Drained): void {
    if (this.durable !== undefined) this.drainDurable(this.durable, waiting, drained);
    else this.drainPlain(waiting, batchEvents, drained);
  }

  /** A chain keeps a record of what was lost. */
  tell(losses: LossLedger): void {
    if (this.durable === undefined || losses.isTold) return;
    for (const gap of losses.takeUntold()) this.durable.noteGap(gap);
  }

  /** Resolves when the sink has answered, or has not in time. What went wrong goes to `failed`. */
  async ask(
    method: 'flush' | 'close',
    losses: LossLedger,
    deadlineMs: number,
    failed: (error: unknown) => void,
  ): Promise<void> {
    try {
      this.tell(losses);
      const answer = this.sink[method]?.();
      if (answer === undefined || (await within(deadlineMs, settled(answer, failed)))) return;
      failed(new AuditError(`${method}() has not answered within ${deadlineMs} ms`));
    } catch (error) {
      failed(error);
    }
  }

  /** With the events' places, where there is a chain that they have places in. */
  private write(items: readonly QueuedEvent[]): unknown {
    const events = items.map(valueOf);
    return items.some(({ filing }) => filing !== undefined)
      ? this.sink.write(
          events,
          items.map(({ filing }) => filing?.position),
        )
      : this.sink.write(events);
  }

  private drainPlain(waiting: readonly QueuedEvent[], batchEvents: number, drained: Drained): void {
    for (let from = 0; from < waiting.length; from += batchEvents) {
      const items = waiting.slice(from, from + batchEvents);
      try {
        const answer: unknown = this.write(items);
        // Nobody is there any more to hear of it.
        if (isThenable(answer)) answer.then(undefined, () => undefined);
        drained.taken(items.length);
      } catch (error) {
        drained.lost(items, error);
      }
    }
  }

  /** A chain finishes what is on its way by itself, and writes its end. */
  private drainDurable(sink: DurableAuditSink, waiting: readonly QueuedEvent[], drained: Drained): void {
    try {
      if (sink.drainSafeSync !== undefined) sink.drainSafeSync(waiting.map(eventOf));
      else sink.drainSync(waiting.map(valueOf));
      for (const { acknowledgement } of waiting) acknowledgement?.reject(new AuditError('the logger was closed'));
      drained.taken(waiting.length);
    } catch (error) {
      drained.lost(waiting, error);
    }
  }
}

const eventOf = ({ event }: QueuedEvent): QueuedEvent['event'] => event;
const valueOf = ({ event }: QueuedEvent): QueuedEvent['event']['value'] => event.value;
