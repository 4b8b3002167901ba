import { AuditError } from './audit-error.js';
import type { QueuedEvent } from './audit-queue.js';
import type { AuditSink, DurableAuditSink } from './audit-sink.js';
import { isThenable } from './sink-answer.js';

/** What became of the events of a last call. */
export interface Drained {
  taken(count: number): void;
  lost(items: readonly QueuedEvent[], error: unknown): void;
}

/** Calls the sink; with the events' places, where there is a chain that they have places in. */
export function writeTo(sink: AuditSink, items: readonly QueuedEvent[]): unknown {
  const events = items.map(({ event }) => event);
  return items.some(({ filing }) => filing !== undefined)
    ? sink.write(
        events,
        items.map(({ filing }) => filing?.position),
      )
    : sink.write(events);
}

/** The last call of a sink, when the process exits: nobody waits for an answer. */
export function drainPlain(sink: AuditSink, waiting: readonly QueuedEvent[], batch: number, drained: Drained): void {
  for (let from = 0; from < waiting.length; from += batch) {
    const items = waiting.slice(from, from + batch);
    try {
      const answer: unknown = writeTo(sink, items);
      // Nobody is there any more to hear of it.
      if (isThenable(answer)) answer.then(undefined, () => undefined);
      drained.taken(items.length);
    } catch (error) {
      drained.lost(items, error);
    }
  }
}

/** A chain finishes what is on its way by itself, and writes its end. */
export function drainDurable(sink: DurableAuditSink, waiting: readonly QueuedEvent[], drained: Drained): void {
  try {
    sink.drainSync(waiting.map(({ event }) => event));
    for (const { acknowledgement } of waiting) acknowledgement?.reject(new AuditError('the logger was closed'));
    drained.taken(waiting.length);
  } catch (error) {
    drained.lost(waiting, error);
  }
}
