import type { ByteWriter } from './byte-writer.js';
import { REDACTED, type Redactor } from './redact.js';
import { CONTENT_LIMITS, type Sanitizer } from './sanitize.js';
import { escapeHidden } from './escape-hidden.js';

const KEY = Uint8Array.from(Buffer.from(',"metadata":'));
const OPEN = 0x7b;
const CLOSE = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;
const TRUE = Uint8Array.from(Buffer.from('true'));
const FALSE = Uint8Array.from(Buffer.from('false'));
const NULL = Uint8Array.from(Buffer.from('null'));

/**
 * Writes the metadata of an event. Most have a few texts and numbers, which are written as they come; whatever is more
 * than that, or needs a second look, is copied by the {@link Sanitizer} first.
 */
export class MetadataWriter {
  private readonly isDenied: boolean;

  constructor(
    private readonly out: ByteWriter,
    private readonly sanitizer: Sanitizer,
    private readonly redactor: Redactor,
  ) {
    this.isDenied = redactor.deniesField('metadata');
  }

  /** `unknown`: fields of the event that are none of its own. */
  write(given: unknown, unknown: Record<string, unknown> | undefined): void {
    if (unknown === undefined && (given === undefined || given === null)) return;
    if (unknown === undefined && !this.isDenied && this.writeFlat(given)) return;
    const copy = this.copyOf(given);
    const whole = unknown === undefined ? copy : { ...this.sanitizer.record(unknown, this.redactor.paths), ...copy };
    this.out.raw(KEY);
    this.out.utf8(escapeHidden(JSON.stringify(whole)));
  }

  private copyOf(given: unknown): Record<string, unknown> | undefined {
    if (given === undefined || given === null) return undefined;
    if (this.isDenied) return { value: REDACTED };
    return this.sanitizer.record(given, this.redactor.paths?.below.get('metadata'));
  }

  /** `false`, and nothing is written or spent, if it is not what this can write. */
  private writeFlat(given: unknown): boolean {
    const { out, sanitizer } = this;
    const written = out.at - out.from;
    const { size } = sanitizer;
    try {
      if (this.writeMembers(given)) return true;
    } catch {
      // A getter or a trap: the sanitizer says where.
    }
    // What was written may have moved meanwhile.
    out.at = out.from + written;
    sanitizer.spend(size - sanitizer.size);
    return false;
  }

  private writeMembers(given: unknown): boolean {
    if (this.redactor.paths !== undefined || typeof given !== 'object' || !isPlain(given!)) return false;
    const keys = Object.keys(given!);
    if (keys.length > CONTENT_LIMITS.keys) return false;
    const { out } = this;
    out.raw(KEY);
    out.byte(OPEN);
    for (let index = 0; index < keys.length; index++) {
      if (index > 0) out.byte(COMMA);
      const key = keys[index]!;
      if (!this.writeMember(key, (given as Record<string, unknown>)[key])) return false;
    }
    out.byte(CLOSE);
    return true;
  }

  private writeMember(key: string, value: unknown): boolean {
    const { out, sanitizer } = this;
    if (!sanitizer.hasRoom(key.length, CONTENT_LIMITS.keyLength) || !out.plain(key)) return false;
    out.byte(COLON);
    sanitizer.spend(key.length + 4);
    if (value === true || value === false || value === null) {
      out.raw(value === null ? NULL : value ? TRUE : FALSE);
      sanitizer.spend(8);
    } else if (this.redactor.denies(key)) {
      return value !== undefined && out.plain(REDACTED);
    } else if (typeof value === 'string') {
      if (!sanitizer.hasRoom(value.length, CONTENT_LIMITS.textLength) || !out.plain(value)) return false;
      sanitizer.spend(value.length + 8);
    } else if (typeof value === 'number' && Number.isFinite(value)) {
      out.number(value);
      sanitizer.spend(8);
    } else {
      return false;
    }
    return true;
  }
}

/** An object with nothing of its own to say about how it is written. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && (value as { toJSON?: unknown }).toJSON === undefined;
}
