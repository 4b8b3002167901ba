/** What happened. The names are stable; an application may add its own. */
export type AuditEventType =
  | 'auth_success'
  | 'auth_failure'
  | 'access_denied'
  | 'request_success'
  | 'request_error'
  | 'request_exception'
  | 'request_aborted'
  | (string & {});

/** How it went. */
export type AuditOutcome = 'success' | 'failure' | 'denied' | 'error' | 'aborted';

/**
 * One entry of the audit trail. What is not known is absent. By the time a sink sees it, its content is safe: secrets
 * are redacted, sizes are capped, and nothing in it throws, loops or changes.
 */
export interface AuditEvent {
  /** ISO 8601, UTC, to the millisecond. */
  readonly timestamp: string;
  readonly eventType: AuditEventType;
  readonly outcome?: AuditOutcome | undefined;
  /** Why it went wrong: a short code where there is one. Never a stack. */
  readonly reason?: string | undefined;
  /** Absent for machines and for callers who have not said who they are. */
  readonly userId?: string | undefined;
  readonly clientId?: string | null | undefined;
  /** The token's `sub`, whoever it is. */
  readonly subject?: string | undefined;
  /** Absent when unknown. */
  readonly isM2M?: boolean | undefined;
  readonly method?: string | undefined;
  /** Without the query string, except the parameters that `audit.queryParameters` lists. */
  readonly path?: string | undefined;
  /** The route's pattern, such as `/orders/:id`; absent where no route matched. */
  readonly route?: string | undefined;
  readonly statusCode?: number | undefined;
  readonly ipAddress?: string | undefined;
  readonly userAgent?: string | undefined;
  /** From the arrival of the request to the end of its response, in milliseconds. */
  readonly durationMs?: number | undefined;
  readonly requestId?: string | undefined;
  /** What was done, in the application's own words: `order.refund`. */
  readonly action?: string | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** Whatever an application knows of an event besides its type. A `timestamp` of its own is kept if it is a date. */
export type AuditDetails = Partial<Omit<AuditEvent, 'eventType'>>;

/** What {@link AuditLogger.log} takes. */
export type AuditEntry = AuditDetails & Pick<AuditEvent, 'eventType'>;

/** Where a durable event lies: keep it, and a cut tail of the log can be proved. */
export interface AuditReceipt {
  /** The chain: one for each start of a process. */
  readonly chain: string;
  /** The record's number in its chain, from 1. */
  readonly seq: number;
  /** The record's SHA-256, base64url. */
  readonly hash: string;
}

/** How one sink is doing. */
export interface AuditSinkStatus {
  readonly name: string;
  /** `ok`, `failing` (the last write failed or hangs), `dropping` (its queue overflowed and is not empty yet), `closed`. */
  readonly state: string;
  /** What went wrong last, while it is going wrong. */
  readonly error?: string;
  readonly queued: number;
  readonly written: number;
  readonly dropped: number;
}

/** How the trail is doing: its queues, and what was lost. */
export interface AuditStatus {
  /** `ok`: every sink takes events. `degraded`: one of them does not. `failing`: none of them does. */
  readonly state: 'ok' | 'degraded' | 'failing';
  /** Events that wait, in the sink that is furthest behind. */
  readonly queued: number;
  /** Events that at least one sink has taken. */
  readonly written: number;
  /** Events that a sink did not get, by reason, over all sinks. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly sinks: readonly AuditSinkStatus[];
  /** Mistakes of the application's own functions (`transform`, `@Audit({ metadata })`), by name. Their events were written. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Failed authentications and denials: they have a reserved share of every queue. */
export function isSecurityEvent(event: Pick<AuditEvent, 'eventType'>): boolean {
  const { eventType } = event;
  return eventType === 'auth_failure' || eventType === 'access_denied' || eventType === 'audit.gap';
}

/** What no exclusion, `@SkipAudit()` or transform may hide: 401, 403, 429, every 5xx, and their event types. */
export function isNeverHidden(event: Pick<AuditEvent, 'eventType' | 'statusCode'>): boolean {
  return isSecurityEvent(event) || event.eventType === 'request_exception' || isNeverHiddenStatus(event.statusCode);
}

export function isNeverHiddenStatus(statusCode: number | undefined): boolean {
  if (statusCode === undefined) return false;
  return statusCode === 401 || statusCode === 403 || statusCode === 429 || statusCode >= 500;
}
