import type { AuditSinkStatus } from './audit-event.js';
import { LossLedger } from './loss-ledger.js';
import { describeSinkError } from './sink-answer.js';

/** How a sink is doing. */
export class SinkTally {
  written = 0;
  readonly losses = new LossLedger();
  /** What went wrong last, while it is going wrong. */
  error: string | undefined;
  /** Its queue has overflowed and is not empty yet. */
  isOverflowing = false;

  note(error: unknown): void {
    this.error = describeSinkError(error);
  }

  statusOf(name: string, queued: number, isClosed: boolean): AuditSinkStatus {
    const { error, isOverflowing, written, losses } = this;
    return {
      name,
      state: isClosed ? 'closed' : error !== undefined ? 'failing' : isOverflowing ? 'dropping' : 'ok',
      ...(error !== undefined && { error }),
      queued,
      written,
      dropped: losses.count,
    };
  }
}
