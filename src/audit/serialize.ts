import type { AuditEvent } from './audit-event.js';
import { escapeHidden } from './escape-hidden.js';
import { EventWriter } from './event-writer.js';
import { IsoClock } from './iso-clock.js';

/**
 * The event as one line of JSON, an object, without the line's end. Never throws: an event that did not come through
 * {@link AuditLogger}, and that JSON cannot write or that uses a name of the log's own, is made safe first.
 */
export function serialize(event: AuditEvent): string {
  try {
    if (usesReservedName(event)) return safely(event);
    const json = JSON.stringify(event);
    return json.charCodeAt(0) === 0x7b ? escapeHidden(json) : safely(event);
  } catch {
    return safely(event);
  }
}

/** The names of a record that are the log's own (see `chain/record.ts`). One by one, because that is inlined. */
function usesReservedName(event: object): boolean {
  return 'v' in event || 'chain' in event || 'seq' in event || 'prev' in event || 't' in event || 'h' in event;
}

function safely(event: AuditEvent): string {
  return new EventWriter().write(event, new IsoClock()).json;
}
