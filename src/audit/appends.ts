import { AuditError } from './audit-error.js';
import type { QueuedEvent } from './audit-queue.js';
import { describeSinkError } from './sink-answer.js';

/**
 * Tells everybody who waits for an event of this batch that it failed. Whoever called `append` must not find the event in
 * the log after all: those are given up.
 */
export function failAppends(
  batch: readonly QueuedEvent[],
  error: unknown,
): { readonly kept: readonly QueuedEvent[]; readonly givenUp: readonly QueuedEvent[] } {
  const kept: QueuedEvent[] = [];
  const givenUp: QueuedEvent[] = [];
  for (const item of batch) {
    const { acknowledgement } = item;
    if (acknowledgement === undefined) kept.push(item);
    else {
      acknowledgement.reject(new AuditError(`the event could not be written: ${describeSinkError(error)}`));
      (acknowledgement.isKept === true ? kept : givenUp).push({ ...item, acknowledgement: undefined });
    }
  }
  return { kept, givenUp };
}
