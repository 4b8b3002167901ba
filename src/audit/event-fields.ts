import type { AuditDetails, AuditEntry, AuditEvent } from './audit-event.js';
import { KnownTexts } from './known-texts.js';
import type { Redactor } from './redact.js';

/** A field that holds text, prepared. */
export interface TextField {
  /** `,"name":` */
  readonly key: Uint8Array;
  /** In characters. */
  readonly maxLength: number;
  /** Named in `audit.redact`. */
  readonly isDenied: boolean;
  /** Only where few are usual. */
  readonly known: KnownTexts | undefined;
}

/** The fields that hold text, and how many characters of it. */
const MAX_LENGTHS = {
  eventType: 128,
  outcome: 64,
  reason: 512,
  userId: 512,
  clientId: 512,
  subject: 512,
  method: 64,
  path: 2048,
  route: 2048,
  ipAddress: 128,
  userAgent: 256,
  requestId: 128,
  action: 256,
} as const;
export type TextName = keyof typeof MAX_LENGTHS;
/** Of these, few texts are usual. */
const REPEATED: ReadonlySet<string> = new Set<TextName>([
  'eventType',
  'outcome',
  'reason',
  'clientId',
  'method',
  'route',
  'userAgent',
  'action',
]);

const FIELDS: ReadonlySet<string> = new Set<keyof AuditEvent>([
  ...(Object.keys(MAX_LENGTHS) as TextName[]),
  'timestamp',
  'isM2M',
  'statusCode',
  'durationMs',
  'metadata',
]);

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

/** The fields that hold text, as one writer writes them. */
export function textFields(redactor: Redactor): Readonly<Record<TextName, TextField>> {
  const fields = Object.entries(MAX_LENGTHS).map(([name, maxLength]): [string, TextField] => {
    const isDenied = name !== 'eventType' && redactor.deniesField(name);
    const known = REPEATED.has(name) && !isDenied ? new KnownTexts() : undefined;
    return [name, { key: bytesOf(`,"${name}":`), maxLength, isDenied, known }];
  });
  return Object.fromEntries(fields) as Record<TextName, TextField>;
}

/** What the event has besides its known fields. */
export function unknownOf(entry: AuditEntry): Record<string, unknown> | undefined {
  let unknown: Record<string, unknown> | undefined;
  for (const key in entry) if (!FIELDS.has(key)) (unknown ??= {})[key] = (entry as Record<string, unknown>)[key];
  return unknown;
}

/** What can be read of an entry whose getters or traps throw. */
export function readable(entry: AuditEntry): AuditEntry {
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
