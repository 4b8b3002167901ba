import type { AuditEvent } from './audit-event.js';
import { SafeEvents } from './safe-event.js';

/**
 * Characters that JSON may hold as they are, and that change what a reader sees: DEL and the C1 controls (a terminal
 * obeys them), line separators, everything invisible or that turns the direction of text, tag characters.
 */
const HIDDEN =
  // oxlint-disable-next-line no-misleading-character-class, no-control-regex -- each unit is escaped on its own
  /[\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb]|\udb40[\udc00-\udfff]/g;

const escapeUnits = (text: string): string => {
  let escaped = '';
  for (let index = 0; index < text.length; index++) {
    escaped += `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
};

/** The same JSON, with every character that a reader cannot see, or a terminal obeys, as `\uXXXX`: `JSON.parse` gives it back. */
export function escapeHidden(json: string): string {
  // Nearly all text is plain, and that is known three times as fast.
  return BEYOND_ASCII.test(json) ? json.replace(HIDDEN, escapeUnits) : json;
}

// oxlint-disable-next-line no-control-regex -- DEL is one of them
const BEYOND_ASCII = /[\u007f-\uffff]/;

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
  return escapeHidden(JSON.stringify(new SafeEvents().of(event, new Date().toISOString())));
}
