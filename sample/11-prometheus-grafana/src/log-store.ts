import type { AuditEvent, AuditSink } from 'nestjs-auth-services';

/** Stands in for your log store. It can be away, as yours sometimes is. */
export class LogStore implements AuditSink {
  readonly name = 'log-store';
  isAway = false;
  stored = 0;

  write(events: readonly AuditEvent[]): void {
    if (this.isAway) throw new Error('connection refused');
    this.stored += events.length;
  }
}
