import { isSecurityEvent, type AuditEntry, type AuditEvent } from './audit-event.js';
import type { AuditOptions } from './audit.options.js';
import { ByteWriter } from './byte-writer.js';
import { IsoTimes, type IsoClock } from './iso-clock.js';
import { bytesOf, readable, textFields, unknownOf, type TextField, type TextName } from './event-fields.js';
import type { KnownTexts } from './known-texts.js';
import { MetadataWriter } from './metadata-writer.js';
import { Pseudonyms, truncateAddress } from './pseudonym.js';
import { REDACTED, Redactor } from './redact.js';
import { SafeEvent } from './safe-event.js';
import { Sanitizer } from './sanitize.js';
import { escapeHidden } from './escape-hidden.js';

/** What stands behind a text that was cut, so that it is not cut again. */
const MOST_CUT_MARK = 64;

const TIMESTAMP = bytesOf('"timestamp":');
const NO_CLIENT = bytesOf(',"clientId":null');
const IS_M2M = bytesOf(',"isM2M":true');
const IS_NOT_M2M = bytesOf(',"isM2M":false');
const STATUS_CODE = bytesOf(',"statusCode":');
const DURATION = bytesOf(',"durationMs":');

/**
 * Makes an event of what an application logs, and writes it as JSON in the same pass: known fields only, each of its own
 * type, capped, redacted, with pseudonyms. Fields it does not know land in `metadata`, so that none can pass for one of
 * the log's own.
 */
export class EventWriter {
  private readonly out = new ByteWriter();
  private readonly times = new IsoTimes();
  private readonly sanitizer: Sanitizer;
  private readonly metadata: MetadataWriter;
  private readonly fields: Readonly<Record<TextName, TextField>>;
  private readonly pseudonyms: Pseudonyms | undefined;
  private readonly ipAddress: 'full' | 'truncate' | 'hmac';

  constructor(options: Pick<AuditOptions, 'redact' | 'pseudonymKey' | 'ipAddress'> = {}) {
    const redactor = new Redactor(options.redact);
    this.sanitizer = new Sanitizer(redactor);
    this.metadata = new MetadataWriter(this.out, this.sanitizer, redactor);
    this.fields = textFields(redactor);
    this.pseudonyms = options.pseudonymKey === undefined ? undefined : new Pseudonyms(options.pseudonymKey);
    this.ipAddress = options.ipAddress ?? (this.pseudonyms === undefined ? 'full' : 'hmac');
  }

  /** Never throws. `given` is the event before a transform: what has not changed in it is not made a pseudonym again. */
  write(entry: AuditEntry, clock: Pick<IsoClock, 'stamp'>, given?: AuditEvent): SafeEvent {
    try {
      return this.build(entry, clock, given);
    } catch {
      return this.build(readable(entry), clock, given);
    }
  }

  private build(entry: AuditEntry, clock: Pick<IsoClock, 'stamp'>, given: AuditEvent | undefined): SafeEvent {
    const { out, sanitizer, fields } = this;
    sanitizer.begin();
    out.begin();
    out.raw(TIMESTAMP);
    out.plain((entry.timestamp !== undefined && this.times.of(entry.timestamp)) || clock.stamp());
    this.text(fields.eventType, entry.eventType ?? 'unnamed');
    if (entry.outcome !== undefined) this.text(fields.outcome, entry.outcome);
    if (entry.reason !== undefined) this.text(fields.reason, entry.reason);
    if (entry.userId !== undefined) this.identity(fields.userId, entry.userId, given?.userId);
    if (entry.clientId === null) out.raw(NO_CLIENT);
    else if (entry.clientId !== undefined) this.text(fields.clientId, entry.clientId);
    if (entry.subject !== undefined) this.identity(fields.subject, entry.subject, given?.subject);
    if (typeof entry.isM2M === 'boolean') out.raw(entry.isM2M ? IS_M2M : IS_NOT_M2M);
    if (entry.method !== undefined) this.text(fields.method, entry.method);
    if (entry.path !== undefined) this.text(fields.path, entry.path);
    if (entry.route !== undefined) this.text(fields.route, entry.route);
    if (Number.isFinite(entry.statusCode)) this.number(STATUS_CODE, entry.statusCode!);
    if (entry.ipAddress !== undefined) this.address(fields.ipAddress, entry.ipAddress, given?.ipAddress);
    if (entry.userAgent !== undefined) this.text(fields.userAgent, entry.userAgent);
    if (Number.isFinite(entry.durationMs)) this.number(DURATION, entry.durationMs!);
    if (entry.requestId !== undefined) this.text(fields.requestId, entry.requestId);
    if (entry.action !== undefined) this.text(fields.action, entry.action);
    this.metadata.write(entry.metadata, unknownOf(entry));
    return new SafeEvent(out.bytes, out.from, out.at, isSecurityEvent(entry));
  }

  private text(field: TextField, value: unknown): void {
    if (value === null) return;
    const { known } = field;
    if (known !== undefined && typeof value === 'string') this.repeated(field, known, value);
    else this.anew(field, value);
  }

  private repeated(field: TextField, known: KnownTexts, text: string): void {
    const { out, sanitizer } = this;
    const bytes = sanitizer.hasRoom(text.length, field.maxLength) ? known.get(text) : undefined;
    if (bytes === undefined) {
      const written = out.at - out.from;
      // Looked for only now: what was written before may have moved.
      if (this.anew(field, text)) known.add(text, out, out.from + written);
    } else {
      out.raw(bytes);
      sanitizer.spend(text.length + 8);
    }
  }

  /** Whether it is kept as it is. */
  private anew({ key, maxLength, isDenied }: TextField, value: unknown): boolean {
    this.out.raw(key);
    return this.value(isDenied ? REDACTED : value, maxLength);
  }

  /** Text as JSON; whether it is kept as it is. Of what is neither text nor a number, only the kind is kept. */
  private value(value: unknown, maxLength: number): boolean {
    const { out, sanitizer } = this;
    if (typeof value === 'string' && sanitizer.hasRoom(value.length, maxLength) && out.plain(value)) {
      sanitizer.spend(value.length + 8);
      return true;
    }
    out.utf8(escapeHidden(JSON.stringify(sanitizer.text(value, maxLength))));
    return false;
  }

  private number(key: Uint8Array, value: number): void {
    this.out.raw(key);
    this.out.number(value);
  }

  private identity(field: TextField, value: unknown, given: string | undefined): void {
    if (this.pseudonyms === undefined || field.isDenied) this.text(field, value);
    else this.replaced(field, value, given, (text) => this.pseudonyms!.of('id', text));
  }

  private address(field: TextField, value: unknown, given: string | undefined): void {
    if (this.ipAddress === 'full' || field.isDenied) this.text(field, value);
    else if (this.ipAddress === 'truncate') this.replaced(field, value, given, truncateAddress);
    else this.replaced(field, value, given, (text) => this.pseudonyms!.of('ip', text));
  }

  private replaced(field: TextField, value: unknown, given: string | undefined, by: (text: string) => string): void {
    const text = this.sanitizer.text(value, field.maxLength);
    if (text === undefined) return;
    this.out.raw(field.key);
    this.value(text === given || text === REDACTED ? text : by(text), field.maxLength + MOST_CUT_MARK);
  }
}
