import type { AuditGap } from './audit-sink.js';
import { LossLedger } from './loss-ledger.js';

/** What each sink did not get, until it is told. */
export class GapLedger {
  private readonly bySink = new Map<string, LossLedger>();

  add(sink: string, reason: string, at: string, count: number): void {
    let losses = this.bySink.get(sink);
    if (losses === undefined) this.bySink.set(sink, (losses = new LossLedger()));
    losses.add(reason, at, count);
  }

  take(): [sink: string, gap: AuditGap][] {
    return [...this.bySink].flatMap(([sink, losses]) =>
      losses.takeUntold().map((gap): [string, AuditGap] => [sink, gap]),
    );
  }
}
