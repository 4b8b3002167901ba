import { randomUUID } from 'node:crypto';
import type { ExecutionContext } from '@nestjs/common';
import { EmptyError } from 'rxjs';
import { statusOfCall } from '../request/call-status.js';
import type { RequestRecord } from '../request/record.js';
import { refuse } from '../request/refuse.js';
import type { AuditEntry } from './audit-event.js';
import type { Settled } from './holding-last.js';
import type { RequestEvents } from './request-events.js';

/** How long a handler may be kept waiting for the record of what it is about to do. */
const INTENT_DEADLINE_MS = 250;
const RETRY_AFTER_SECONDS = 1;

/** Nest's name for what `@Redirect()` leaves on a handler. */
const REDIRECT_METADATA = '__redirect__';

/** What is needed of the logger. */
export interface DurableLog {
  /** Resolves when the event is on the disk; rejects if it is not by then. */
  append(event: AuditEntry, deadlineMs?: number): Promise<unknown>;
  /** As `append`, but never rejects: what cannot be on the disk yet stays in the queue. */
  keep(event: AuditEntry): Promise<void>;
}

/** What `durability: 'durable'` and `'intent'` write before the end of the response. */
export class Durability {
  constructor(
    private readonly log: DurableLog,
    private readonly events: RequestEvents,
  ) {}

  /** The call's one event, while its answer waits. A client that went away has left its event already. */
  async outcome(context: ExecutionContext, record: RequestRecord, settled: Settled): Promise<void> {
    if (record.audited) return;
    record.audited = true;
    // Nest answers a handler without any value by this error, after us.
    const isEmpty = record.transport.endsWithResponse && !record.thrown && !settled.hasValue;
    const seen = isEmpty ? Object.assign(record, { thrown: true, exception: new EmptyError() }) : record;
    await this.log.keep(
      this.events.outcome(seen, this.events.factsOf(carrierOf(context, record)), {
        statusCode: statusToCome(context, seen, settled.value),
        aborted: false,
        durationMs: performance.now() - record.startedAt,
      }),
    );
  }

  /**
   * A record of what is about to be done. Its `requestId`, made up where there is none, is that of the outcome as well.
   *
   * @throws the transport's exception for 503 `audit_unavailable`, if it is not on the disk in time
   */
  async intent(context: ExecutionContext, record: RequestRecord): Promise<void> {
    const facts = this.events.factsOf(carrierOf(context, record));
    record.requestId = facts.requestId ?? randomUUID();
    try {
      await this.log.append(this.events.intent(record, facts), INTENT_DEADLINE_MS);
    } catch {
      await refuse(context, {
        statusCode: 503,
        code: 'audit_unavailable',
        message: 'The request could not be recorded, so it was not carried out',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
  }
}

/** The HTTP request that brought a GraphQL field says where it came from. */
function carrierOf(context: ExecutionContext, record: RequestRecord): RequestRecord {
  return record.transport.carrierOf?.(context) ?? record;
}

/** What Nest is about to send, unless a filter or an outer interceptor changes its mind. */
function statusToCome(context: ExecutionContext, record: RequestRecord, result: unknown): number | undefined {
  if (record.thrown || !record.transport.endsWithResponse)
    return statusOfCall(record) ?? (isHttpError(record) ? 500 : undefined);
  const redirect = Reflect.getMetadata(REDIRECT_METADATA, context.getHandler()) as { statusCode?: number } | undefined;
  if (redirect !== undefined) {
    return (result as { statusCode?: number } | undefined)?.statusCode ?? redirect.statusCode ?? 302;
  }
  return context.switchToHttp().getResponse<{ statusCode: number }>().statusCode;
}

const isHttpError = (record: RequestRecord): boolean => record.thrown && record.transport.endsWithResponse;
