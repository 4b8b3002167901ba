import type { AuditEvent } from './audit-event.js';

/**
 * An event whose content is safe, as the JSON that the log holds. Sinks that want an object share one, which is made when
 * the first of them asks.
 */
export class SafeEvent {
  private object: AuditEvent | undefined;

  /** @param bytes From `from` to `to` the members of the JSON object, without its braces. They never change. */
  constructor(
    readonly bytes: Buffer,
    readonly from: number,
    readonly to: number,
    /** A failed authentication or a denial: see `isSecurityEvent`. */
    readonly isSecurity: boolean,
  ) {}

  /** @param json An object that is safe already. */
  static ofJson(json: string, isSecurity = false): SafeEvent {
    const bytes = Buffer.from(json);
    return new SafeEvent(bytes, 1, bytes.length - 1, isSecurity);
  }

  /** What a queue is charged, in bytes. */
  get size(): number {
    return this.to - this.from;
  }

  get json(): string {
    return `{${this.bytes.toString('utf8', this.from, this.to)}}`;
  }

  /** Frozen to its depth. */
  get value(): AuditEvent {
    return (this.object ??= frozen(JSON.parse(this.json) as AuditEvent));
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}
