/**
 * An event could not be made durable: `AuditLogger.append` rejects with it.
 *
 * Its `code` is stable: match on it, not on the message.
 */
export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly code = 'ERR_AUTH_SERVICES_AUDIT_UNAVAILABLE';
}
