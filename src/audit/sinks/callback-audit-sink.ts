import type { AuditEvent } from '../audit-event.js';
import type { AuditSink } from '../audit-sink.js';

/** Hands each event to `audit.logCallback`. A batch is one event, because a callback must not be asked twice for one. */
export class CallbackAuditSink implements AuditSink {
  readonly name = 'callback';

  constructor(private readonly callback: (event: AuditEvent) => void | Promise<void>) {}

  write(events: readonly AuditEvent[]): void | Promise<void> {
    return this.callback(events[0]!);
  }
}
