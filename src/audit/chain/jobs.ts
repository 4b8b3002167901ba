import type { AuditReceipt } from '../audit-event.js';
import type { SafeEvent } from '../safe-event.js';

/** Events that somebody waits for. */
export interface Job {
  readonly events: readonly SafeEvent[];
  readonly wantsReceipts: boolean;
  resolve(receipts: readonly AuditReceipt[]): void;
  reject(error: unknown): void;
}

/** How many of the jobs to write now: at least one, else what has room in front of the next checkpoint. None is split. */
export function jobsThatFit(pending: readonly Job[], room: number): number {
  let events = 0;
  let count = 0;
  do events += pending[count++]!.events.length;
  while (count < pending.length && events + pending[count]!.events.length <= room);
  return count;
}
