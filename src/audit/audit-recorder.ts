import type { AuthEvent, RequestEnded } from '../events/auth-event.js';
import type { Caller } from '../request/caller.js';
import { statusOfCall } from '../request/call-status.js';
import type { RequestRecord } from '../request/record.js';
import { isNeverHiddenStatus, type AuditEntry } from './audit-event.js';
import { AuditRules } from './audit-rules.js';
import { DEFAULT_EXCLUDED_PATHS, type AuditOptions } from './audit.options.js';
import { addCaller } from './caller-details.js';
import { classify } from './classify.js';
import { ExcludedPaths } from './excluded-paths.js';
import { allowedQuery, handshakeOf, NO_FACTS, requestFacts, type RequestFacts } from './request-facts.js';

/** What the recorder needs of the logger. */
export interface RecordedLog {
  log(event: AuditEntry): void;
  noteError(where: string): void;
}

/** Who was calling, asked at the end of an HTTP request. */
export interface RecordCallers {
  ofRecord(record: RequestRecord): Caller;
}

export interface AuditRecorderSettings {
  /** `false`: only routes with `@Audit()` or `AuditInterceptor`. @default true */
  readonly auditRequests?: boolean | undefined;
  /** The application's global prefix, asked when it matters: it may be set after the module has started. */
  readonly globalPrefix?: (() => string | undefined) | undefined;
}

/** Writes the one event of each request, when it has ended. Subscribe `record` to the events. */
export class AuditRecorder {
  private readonly rules = new AuditRules();
  private readonly excluded: ExcludedPaths;
  private readonly queryParameters: ReadonlySet<string>;
  private readonly auditRequests: boolean;
  private readonly globalPrefix: () => string | undefined;

  constructor(
    private readonly logger: RecordedLog,
    private readonly callers: RecordCallers,
    options: Pick<AuditOptions, 'excludePaths' | 'queryParameters'> = {},
    settings: AuditRecorderSettings = {},
  ) {
    this.excluded = new ExcludedPaths(options.excludePaths ?? DEFAULT_EXCLUDED_PATHS);
    this.queryParameters = new Set(options.queryParameters ?? []);
    this.auditRequests = settings.auditRequests ?? true;
    this.globalPrefix = settings.globalPrefix ?? (() => undefined);
  }

  /** A listener of `AuthEvents`. */
  readonly record = (event: AuthEvent): void => {
    if (event.type === 'request.ended') this.onEnd(event);
  };

  /** Whether `@Audit()` is on it: a GraphQL field that has it leaves an event of its own. */
  isNamed(controller: Function, handler: Function): boolean {
    return this.rules.of(controller, handler).isNamed;
  }

  /** An HTTP request that brought GraphQL fields leaves their events and none of its own: they are what happened. */
  private onEnd(ended: RequestEnded): void {
    const { record, statusCode } = ended;
    for (const field of record.fields ?? [record]) {
      const own = field === record ? statusCode : field.thrown ? statusOfCall(field) : statusCode;
      this.write(field, record, own, ended);
    }
  }

  /** `carrier`: the request that brought the call, usually the call itself. */
  private write(
    record: RequestRecord,
    carrier: RequestRecord,
    statusCode: number | undefined,
    { aborted, durationMs }: RequestEnded,
  ): void {
    if (record.audited) return;
    record.audited = true;
    const rule = this.rules.of(record.controller, record.handler);
    if (!this.auditRequests && !rule.isNamed && record.audit === undefined) return;
    const facts = this.factsOf(carrier);
    if (!isProtected(record, statusCode) && (rule.isSkipped || this.isExcluded(facts.path))) return;

    const { eventType, outcome, reason } = classify(record, statusCode, aborted);
    const event: { -readonly [K in keyof AuditEntry]: AuditEntry[K] } = { eventType, outcome, reason };
    event.ipAddress = facts.remoteAddress;
    addCaller(event, this.callerOf(record));
    event.ipAddress ??= facts.remoteAddress;
    event.method = facts.method;
    event.path = this.pathOf(facts);
    event.route = record.route ?? facts.route;
    // Before the headers have left, an aborted request has no status: what stands there is a default.
    event.statusCode = aborted && !haveHeadersLeft(carrier.response) ? undefined : statusCode;
    event.userAgent = facts.userAgent;
    event.durationMs = Math.round((record.durationMs ?? durationMs) * 1000) / 1000;
    event.requestId = facts.requestId;
    event.action = record.audit?.action ?? rule.action;
    event.metadata = record.audit?.metadata;
    this.logger.log(event);
  }

  private factsOf(record: RequestRecord): RequestFacts {
    try {
      if (record.transport === 'rpc') return NO_FACTS;
      return requestFacts(record.transport === 'ws' ? handshakeOf(record.request) : record.request);
    } catch {
      this.logger.noteError('request');
      return NO_FACTS;
    }
  }

  private callerOf(record: RequestRecord): Caller | undefined {
    // Of a message or a field it was asked while its context was at hand.
    if (record.transport !== 'http') return record.caller;
    try {
      return this.callers.ofRecord(record);
    } catch {
      this.logger.noteError('caller');
      return record.caller;
    }
  }

  private pathOf({ path, query }: RequestFacts): string | undefined {
    if (path === undefined || query === undefined || this.queryParameters.size === 0) return path;
    return path + allowedQuery(query, this.queryParameters);
  }

  private isExcluded(path: string | undefined): boolean {
    return path !== undefined && this.excluded.has(path, this.globalPrefix());
  }
}

/** What no exclusion hides, also when the caller hung up before the answer. */
function isProtected(record: RequestRecord, statusCode: number | undefined): boolean {
  if (statusCode === undefined && record.thrown) return true;
  return isNeverHiddenStatus(statusCode) || record.authFailure !== undefined || record.refusal !== undefined;
}

function haveHeadersLeft(response: unknown): boolean {
  const { raw, headersSent } = (response ?? {}) as { raw?: { headersSent?: boolean }; headersSent?: boolean };
  return headersSent === true || raw?.headersSent === true;
}
