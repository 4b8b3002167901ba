import type { AuditEvent, AuditSink } from '../../src/index.js';
import type { Logger } from 'pino';

/** One line of pino for each event, at `warn` for what was refused. */
export class PinoAuditSink implements AuditSink {
  readonly name = 'pino';

  constructor(private readonly logger: Logger) {}

  write(events: readonly AuditEvent[]): void {
    for (const event of events) {
      const isRefusal = event.outcome === 'failure' || event.outcome === 'denied';
      this.logger[isRefusal ? 'warn' : 'info']({ audit: event }, event.eventType);
    }
  }

  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.logger.flush((error) => (error ? reject(error) : resolve()));
    });
  }
}
