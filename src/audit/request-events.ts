import type { Caller } from '../request/caller.js';
import type { RequestRecord } from '../request/record.js';
import type { AuditEntry } from './audit-event.js';
import type { AuditOptions } from './audit.options.js';
import { addCaller } from './caller-details.js';
import { classify } from './classify.js';
import { allowedQuery, NO_FACTS, requestFacts, type RequestFacts } from './request-facts.js';

export type WritableEntry = { -readonly [K in keyof AuditEntry]: AuditEntry[K] };

/** Who was calling, asked at the end of an HTTP request. */
export interface RecordCallers {
  ofRecord(record: RequestRecord): Caller;
}

/** How a call has gone so far. */
export interface CallState {
  readonly statusCode: number | undefined;
  readonly aborted: boolean;
  readonly durationMs: number;
}

/** Makes the event of a call of what its record knows. */
export class RequestEvents {
  private readonly queryParameters: ReadonlySet<string>;

  constructor(
    private readonly noteError: (where: string) => void,
    private readonly callers: RecordCallers,
    options: Pick<AuditOptions, 'queryParameters'> = {},
  ) {
    this.queryParameters = new Set(options.queryParameters ?? []);
  }

  factsOf(record: RequestRecord): RequestFacts {
    try {
      return requestFacts(record.transport.originOf?.(record.request), record.headers);
    } catch {
      this.noteError('request');
      return NO_FACTS;
    }
  }

  /** `facts`: of the request that brought the call, which is usually the call itself. */
  outcome(record: RequestRecord, facts: RequestFacts, { statusCode, aborted, durationMs }: CallState): WritableEntry {
    const { eventType, outcome, reason } = classify(record, statusCode, aborted);
    const event: WritableEntry = { eventType, outcome, reason };
    this.addOrigin(event, record, facts);
    event.statusCode = statusCode;
    event.durationMs = Math.round(durationMs * 1000) / 1000;
    event.metadata = record.audit?.metadata;
    return event;
  }

  /** What is about to be done, before it is. */
  intent(record: RequestRecord, facts: RequestFacts): WritableEntry {
    const event: WritableEntry = { eventType: 'request_intent' };
    this.addOrigin(event, record, facts);
    return event;
  }

  private addOrigin(event: WritableEntry, record: RequestRecord, facts: RequestFacts): void {
    addCaller(event, this.callerOf(record));
    event.ipAddress ??= facts.remoteAddress;
    event.method = facts.method;
    event.path = this.pathOf(facts);
    event.route = record.route ?? facts.route;
    event.userAgent = facts.userAgent;
    event.requestId = record.requestId ?? facts.requestId;
    event.action = record.audit?.action;
  }

  private callerOf(record: RequestRecord): Caller | undefined {
    // Where no response tells the end it was asked while its context was at hand; else it was asked at the end.
    if (!record.transport.endsWithResponse || (record.ended && record.caller !== undefined)) return record.caller;
    try {
      return this.callers.ofRecord(record);
    } catch {
      this.noteError('caller');
      return record.caller;
    }
  }

  private pathOf({ path, query }: RequestFacts): string | undefined {
    if (path === undefined || query === undefined || this.queryParameters.size === 0) return path;
    return path + allowedQuery(query, this.queryParameters);
  }
}
