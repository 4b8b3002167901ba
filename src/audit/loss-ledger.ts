import type { AuditGap } from './audit-sink.js';

/** Counts what was lost, by reason, and remembers what a chain has not been told yet. */
export class LossLedger {
  readonly total = new Map<string, number>();
  count = 0;
  private untold = new Map<string, { count: number; firstAt: string; lastAt: string }>();

  get isTold(): boolean {
    return this.untold.size === 0;
  }

  add(reason: string, at: string, count = 1): void {
    this.count += count;
    this.total.set(reason, (this.total.get(reason) ?? 0) + count);
    const loss = this.untold.get(reason);
    if (loss === undefined) this.untold.set(reason, { count, firstAt: at, lastAt: at });
    else {
      loss.count += count;
      loss.lastAt = at;
    }
  }

  takeUntold(): AuditGap[] {
    const gaps = [...this.untold].map(([reason, loss]) => ({ reason, ...loss }));
    this.untold = new Map();
    return gaps;
  }
}
