import type { AuditReceipt } from './audit-event.js';
import { AuditError } from './audit-error.js';
import type { Acknowledgement, QueuedEvent } from './audit-queue.js';
import { describeSinkError } from './sink-answer.js';
import { after } from './timers.js';

/**
 * Somebody who waits for an event. Not only the call that is under way may hang: whoever waits behind it waits no longer
 * than this either.
 */
export function awaitReceipt(
  deadlineMs: number,
  isKept: boolean,
): { readonly acknowledgement: Acknowledgement; readonly receipt: Promise<AuditReceipt> } {
  let acknowledgement!: Acknowledgement;
  const receipt = new Promise<AuditReceipt>((resolve, reject) => {
    const stop = after(deadlineMs, () => reject(new AuditError(`the disk has not answered within ${deadlineMs} ms`)));
    acknowledgement = {
      isKept,
      resolve(value) {
        stop();
        resolve(value);
      },
      reject(error) {
        stop();
        reject(error);
      },
    };
  });
  return { acknowledgement, receipt };
}

/** Gives everybody who waits for an event of this batch its receipt. */
export function confirmAppends(batch: readonly QueuedEvent[], receipts: readonly AuditReceipt[]): void {
  for (let index = 0; index < batch.length; index++) batch[index]!.acknowledgement?.resolve(receipts[index]!);
}

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
