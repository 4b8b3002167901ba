import type { AuthEvent, RequestEnded } from '../events/auth-event.js';
import type { Caller } from '../request/caller.js';
import type { RequestRecord } from '../request/record.js';
import { isNeverHiddenStatus, type AuditEntry } from './audit-event.js';
import { AuditRules } from './audit-rules.js';
import { DEFAULT_EXCLUDED_PATHS, type AuditOptions } from './audit.options.js';
import { addCaller } from './caller-details.js';
import { classify } from './classify.js';
import { ExcludedPaths } from './excluded-paths.js';
import { allowedQuery, requestFacts, type RequestFacts } from './request-facts.js';

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

  private onEnd(ended: RequestEnded): void {
    const { record, statusCode, aborted } = ended;
    if (record.audited) return;
    record.audited = true;
    const rule = this.rules.of(record.controller, record.handler);
    if (!this.auditRequests && !rule.isNamed && record.audit === undefined) return;
    const facts = this.factsOf(record);
    if (!isProtected(record, statusCode) && (rule.isSkipped || this.isExcluded(facts.path))) return;

    const { eventType, outcome, reason } = classify(record, statusCode, aborted);
    const event: { -readonly [K in keyof AuditEntry]: AuditEntry[K] } = { eventType, outcome, reason };
    event.ipAddress = facts.remoteAddress;
    addCaller(event, this.callerOf(record));
    event.ipAddress ??= facts.remoteAddress;
    event.method = facts.method;
    event.path = this.pathOf(facts);
    event.route = facts.route;
    // Before the headers have left, an aborted request has no status: what stands there is a default.
    event.statusCode = aborted && !haveHeadersLeft(record.response) ? undefined : statusCode;
    event.userAgent = facts.userAgent;
    event.durationMs = Math.round(ended.durationMs * 1000) / 1000;
    event.requestId = facts.requestId;
    event.action = record.audit?.action ?? rule.action;
    event.metadata = record.audit?.metadata;
    this.logger.log(event);
  }

  private factsOf(record: RequestRecord): RequestFacts {
    try {
      return requestFacts(record.request);
    } catch {
      this.logger.noteError('request');
      return requestFacts({});
    }
  }

  private callerOf(record: RequestRecord): Caller | undefined {
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
  return isNeverHiddenStatus(statusCode) || record.authFailure !== undefined || record.refusal !== undefined;
}

function haveHeadersLeft(response: unknown): boolean {
  const { raw, headersSent } = (response ?? {}) as { raw?: { headersSent?: boolean }; headersSent?: boolean };
  return headersSent === true || raw?.headersSent === true;
}
