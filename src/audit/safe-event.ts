import type { AuditDetails, AuditEntry, AuditEvent } from './audit-event.js';
import type { AuditOptions } from './audit.options.js';
import { Pseudonyms, truncateAddress } from './pseudonym.js';
import { REDACTED, Redactor } from './redact.js';
import { Sanitizer } from './sanitize.js';

type Writable = { -readonly [K in keyof AuditEvent]: AuditEvent[K] };
type TextField = Exclude<keyof AuditEvent, 'timestamp' | 'isM2M' | 'statusCode' | 'durationMs' | 'metadata'>;

const USER_AGENT_LENGTH = 256;
const FIELDS: ReadonlySet<string> = new Set<keyof AuditEvent>([
  'timestamp',
  'eventType',
  'outcome',
  'reason',
  'userId',
  'clientId',
  'subject',
  'isM2M',
  'method',
  'path',
  'route',
  'statusCode',
  'ipAddress',
  'userAgent',
  'durationMs',
  'requestId',
  'action',
  'metadata',
]);

/**
 * Makes an event of what an application logs: known fields only, each of its own type, capped, redacted, with
 * pseudonyms, and frozen, because several sinks share it. Fields it does not know land in `metadata`, so that none can
 * pass for one of the log's own.
 */
export class SafeEvents {
  /** Of the last event, in characters: what the queue is charged. */
  size = 0;

  private readonly redactor: Redactor;
  private readonly sanitizer: Sanitizer;
  private readonly deniedFields: ReadonlySet<string>;
  private readonly pseudonyms: Pseudonyms | undefined;
  private readonly ipAddress: 'full' | 'truncate' | 'hmac';

  constructor(options: Pick<AuditOptions, 'redact' | 'pseudonymKey' | 'ipAddress'> = {}) {
    this.redactor = new Redactor(options.redact);
    this.sanitizer = new Sanitizer(this.redactor);
    this.deniedFields = new Set([...FIELDS].filter((field) => this.redactor.deniesField(field)));
    this.pseudonyms = options.pseudonymKey === undefined ? undefined : new Pseudonyms(options.pseudonymKey);
    this.ipAddress = options.ipAddress ?? (this.pseudonyms === undefined ? 'full' : 'hmac');
  }

  /** Never throws. `given` is the event before a transform: what has not changed in it is not made a pseudonym again. */
  of(entry: AuditEntry, now: string, given?: AuditEvent): AuditEvent {
    try {
      return this.build(entry, now, given);
    } catch {
      return this.build(readable(entry), now, given);
    }
  }

  private build(entry: AuditEntry, now: string, given: AuditEvent | undefined): AuditEvent {
    const { sanitizer } = this;
    sanitizer.begin();
    const event: Writable = {
      timestamp: entry.timestamp === undefined ? now : timestampOf(entry.timestamp, now),
      eventType: sanitizer.text(entry.eventType, 128) ?? 'unnamed',
    };
    if (entry.outcome !== undefined) this.field(event, 'outcome', entry.outcome, 64);
    if (entry.reason !== undefined) this.field(event, 'reason', entry.reason, 512);
    if (entry.userId !== undefined) this.identity(event, 'userId', entry.userId, given);
    if (entry.clientId !== undefined) this.client(event, entry.clientId);
    if (entry.subject !== undefined) this.identity(event, 'subject', entry.subject, given);
    if (typeof entry.isM2M === 'boolean') event.isM2M = entry.isM2M;
    if (entry.method !== undefined) this.field(event, 'method', entry.method, 64);
    if (entry.path !== undefined) this.field(event, 'path', entry.path);
    if (entry.route !== undefined) this.field(event, 'route', entry.route);
    if (isNumber(entry.statusCode)) event.statusCode = entry.statusCode;
    if (entry.ipAddress !== undefined) this.address(event, entry.ipAddress, given);
    if (entry.userAgent !== undefined) this.field(event, 'userAgent', entry.userAgent, USER_AGENT_LENGTH);
    if (isNumber(entry.durationMs)) event.durationMs = entry.durationMs;
    if (entry.requestId !== undefined) this.field(event, 'requestId', entry.requestId, 128);
    if (entry.action !== undefined) this.field(event, 'action', entry.action, 256);
    const metadata = this.metadataOf(entry);
    if (metadata !== undefined) event.metadata = metadata;
    this.size = sanitizer.size + 160;
    return Object.freeze(event);
  }

  private field(event: Writable, name: TextField, value: unknown, maxLength?: number): void {
    const text = this.deniedFields.has(name) ? REDACTED : this.sanitizer.text(value, maxLength);
    if (text !== undefined) event[name] = text as never;
  }

  private client(event: Writable, value: unknown): void {
    if (value === null) event.clientId = null;
    else this.field(event, 'clientId', value, 512);
  }

  private identity(event: Writable, name: 'userId' | 'subject', value: unknown, given: AuditEvent | undefined): void {
    this.field(event, name, value, 512);
    const text = event[name];
    if (text === undefined || text === REDACTED || this.pseudonyms === undefined || text === given?.[name]) return;
    event[name] = this.pseudonyms.of('id', text);
  }

  private address(event: Writable, value: unknown, given: AuditEvent | undefined): void {
    this.field(event, 'ipAddress', value, 128);
    const text = event.ipAddress;
    if (text === undefined || text === REDACTED || this.ipAddress === 'full' || text === given?.ipAddress) return;
    event.ipAddress = this.ipAddress === 'hmac' ? this.pseudonyms!.of('ip', text) : truncateAddress(text);
  }

  private metadataOf(entry: AuditEntry): Record<string, unknown> | undefined {
    const given: unknown = entry.metadata;
    let metadata: Record<string, unknown> | undefined;
    if (given !== undefined && given !== null) {
      metadata = this.deniedFields.has('metadata')
        ? Object.freeze({ value: REDACTED })
        : this.sanitizer.record(given, this.redactor.paths?.below.get('metadata'));
    }
    let unknown: Record<string, unknown> | undefined;
    for (const key in entry) if (!FIELDS.has(key)) (unknown ??= {})[key] = (entry as Record<string, unknown>)[key];
    if (unknown === undefined) return metadata;
    return Object.freeze({ ...this.sanitizer.record(unknown, this.redactor.paths), ...metadata });
  }
}

/** What can be read of an entry whose getters or traps throw. */
function readable(entry: AuditEntry): AuditEntry {
  const copy: Record<string, unknown> = { eventType: 'unreadable' };
  for (const field of FIELDS) {
    try {
      const value: unknown = (entry as Record<string, unknown>)[field];
      if (value !== undefined) copy[field] = value;
    } catch {
      copy[field] = '[unreadable]';
    }
  }
  return copy as AuditDetails as AuditEntry;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** The application's own time if it is one, in our form. */
function timestampOf(value: unknown, now: string): string {
  const ms = typeof value === 'string' || value instanceof Date ? new Date(value).getTime() : Number.NaN;
  return Number.isNaN(ms) ? now : new Date(ms).toISOString();
}
