import { SeverityNumber, type AnyValueMap, type Logger } from '@opentelemetry/api-logs';
import type { AuditEvent, AuditSink } from '../../src/index.js';

/** One log record for each event; the SDK's processor batches and exports them. */
export class OtelAuditSink implements AuditSink {
  readonly name = 'otel';

  constructor(private readonly logger: Logger) {}

  write(events: readonly AuditEvent[]): void {
    for (const event of events) {
      const isRefusal = event.outcome === 'failure' || event.outcome === 'denied';
      this.logger.emit({
        eventName: event.eventType,
        timestamp: new Date(event.timestamp),
        severityNumber: isRefusal ? SeverityNumber.WARN : SeverityNumber.INFO,
        body: event.eventType,
        attributes: {
          'user.id': event.userId,
          'client.address': event.ipAddress,
          'http.request.method': event.method,
          'http.route': event.route,
          'http.response.status_code': event.statusCode,
          'user_agent.original': event.userAgent,
          'audit.event': event as unknown as AnyValueMap,
        },
      });
    }
  }
}
