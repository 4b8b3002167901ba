import type { Caller } from '../request/caller.js';
import type { AuditEvent } from './audit-event.js';

type Writable = { -readonly [K in keyof AuditEvent]: AuditEvent[K] };

/** Who called, as far as it is known: nothing of a caller who has not said. */
export function addCaller(event: Partial<Writable>, caller: Caller | undefined): void {
  if (caller === undefined) return;
  event.ipAddress = caller.ip;
  if (caller.kind === 'anonymous') return;
  event.clientId = caller.clientId;
  event.subject = caller.subject;
  if (caller.kind === 'm2m') event.isM2M = true;
  else {
    event.userId = caller.userId;
    if (caller.kind === 'human') event.isM2M = false;
  }
}
