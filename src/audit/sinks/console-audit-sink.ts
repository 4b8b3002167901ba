import { Logger, type LoggerService } from '@nestjs/common';
import { having, shape } from '../../options/check.js';
import type { AuditEvent } from '../audit-event.js';
import type { AuditSink } from '../audit-sink.js';
import { escapeHidden } from '../escape-hidden.js';

/** Where a {@link ConsoleAuditSink} writes. */
export interface ConsoleAuditSinkOptions {
  /** Default: Nest's `Logger` with the context `Audit`, which follows `app.useLogger()`. */
  logger?: LoggerService | undefined;
}

const checkConsoleAuditSinkOptions = shape<ConsoleAuditSinkOptions>({
  logger: having('a LoggerService', 'log', 'warn', 'error'),
});

/**
 * Writes each event as one structured object through Nest's logger: `error` for a `request_exception`, `warn` for what
 * was denied, `log` for the rest. Characters that a terminal obeys or a reader cannot see are shown as `\uXXXX`.
 *
 * @example
 * ```ts
 * new AuditLogger({ sinks: [new ConsoleAuditSink({ logger: new ConsoleLogger('Audit', { json: true }) })] });
 * ```
 */
export class ConsoleAuditSink implements AuditSink {
  readonly name = 'console';
  private readonly logger: LoggerService;

  /** @throws OptionsError if an option is wrong. */
  constructor(options: ConsoleAuditSinkOptions = {}) {
    checkConsoleAuditSinkOptions(options, 'ConsoleAuditSink');
    this.logger = options.logger ?? new Logger('Audit');
  }

  write(events: readonly AuditEvent[]): void {
    for (const event of events) this.logger[levelOf(event)](visible(event));
  }
}

function levelOf({ eventType, outcome }: AuditEvent): 'log' | 'warn' | 'error' {
  if (eventType === 'request_exception') return 'error';
  return outcome === 'denied' || outcome === 'failure' || eventType === 'auth_failure' || eventType === 'access_denied'
    ? 'warn'
    : 'log';
}

/** The event as it may be shown: the same object if there is nothing in it to be escaped. */
function visible(event: AuditEvent): AuditEvent {
  const json = JSON.stringify(event);
  return escapeHidden(json) === json ? event : (shownValue(event) as AuditEvent);
}

function shownValue(value: unknown): unknown {
  if (typeof value === 'string') return escapeHidden(value);
  if (Array.isArray(value)) return value.map(shownValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [escapeHidden(key), shownValue(item)]));
}
