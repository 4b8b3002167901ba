import type { AuthEvent } from '../events/auth-event.js';

/** Tells the other services, in counts, what was written and lost: once for all that happened in a turn of the event loop. */
export class Tellings {
  private count = 0;
  private dropped = new Map<string, number>();
  private telling: NodeJS.Immediate | undefined;

  constructor(
    private readonly publish: ((event: AuthEvent) => void) | undefined,
    private readonly failed: () => void,
  ) {}

  addWritten(count: number): void {
    this.count += count;
    this.tellSoon();
  }

  addDropped(count: number, reason: string): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + count);
    this.tellSoon();
  }

  tell(): void {
    if (this.telling !== undefined) clearImmediate(this.telling);
    this.telling = undefined;
    const { count, dropped } = this;
    this.count = 0;
    this.dropped = new Map();
    try {
      if (count > 0) this.publish?.({ type: 'audit.written', count });
      for (const [reason, lost] of dropped) this.publish?.({ type: 'audit.dropped', count: lost, reason });
    } catch {
      this.failed();
    }
  }

  private tellSoon(): void {
    if (this.publish === undefined || this.telling !== undefined) return;
    this.telling = setImmediate(() => this.tell());
  }
}
