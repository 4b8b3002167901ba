import type { AuthEvent, RequestEnded } from '../events/auth-event.js';
import { statusOfCall } from '../request/call-status.js';
import type { RequestRecord } from '../request/record.js';
import { isNeverHiddenStatus, type AuditEntry } from './audit-event.js';
import { AuditRules } from './audit-rules.js';
import { DEFAULT_EXCLUDED_PATHS, type AuditOptions } from './audit.options.js';
import { ExcludedPaths } from './excluded-paths.js';
import type { RequestEvents } from './request-events.js';

/** What the recorder needs of the logger. */
export interface RecordedLog {
  log(event: AuditEntry): void;
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
  private readonly auditRequests: boolean;
  private readonly globalPrefix: () => string | undefined;

  constructor(
    private readonly logger: RecordedLog,
    private readonly events: RequestEvents,
    options: Pick<AuditOptions, 'excludePaths'> = {},
    settings: AuditRecorderSettings = {},
  ) {
    this.excluded = new ExcludedPaths(options.excludePaths ?? DEFAULT_EXCLUDED_PATHS);
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
    const facts = this.events.factsOf(carrier);
    if (!isProtected(record, statusCode) && (rule.isSkipped || this.isExcluded(facts.path))) return;

    const state = { statusCode, aborted, durationMs: record.durationMs ?? durationMs };
    const event = this.events.outcome(record, facts, state);
    // Before the headers have left, an aborted request has no status: what stands there is a default.
    if (aborted && !haveHeadersLeft(carrier.response)) event.statusCode = undefined;
    event.action ??= rule.action;
    this.logger.log(event);
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
