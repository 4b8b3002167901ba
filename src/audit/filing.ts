import type { AuditPosition } from './audit-sink.js';

/** What has become of an event in the file chain; one object for its entries in all queues. */
export interface Filing {
  isSettled: boolean;
  /** `undefined` before it is stored, and for ever where the chain could not be given it. */
  position: AuditPosition | undefined;
}

export function settle(filing: Filing | undefined, position: AuditPosition | undefined): void {
  if (filing === undefined) return;
  filing.isSettled = true;
  filing.position = position;
}
