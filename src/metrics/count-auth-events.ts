import type { AuthEvent, RequestEnded } from '../events/auth-event.js';
import type { AuthEventListener } from '../events/auth-events.js';
import type { MetricsCollector } from './metrics-collector.js';

/** What a 401 is called whose guard gave no reason. */
const NO_REASON = 'unauthorized';

/** The listener that counts what the services tell: `events.subscribe(countAuthEvents(collector))`. */
export function countAuthEvents(collector: MetricsCollector): AuthEventListener {
  return (event: AuthEvent) => {
    switch (event.type) {
      case 'token.validated':
        return collector.recordValidationSuccess(event.durationMs);
      case 'token.refused':
        // A request without a token is no failed validation.
        if (event.category !== 'missing') collector.recordValidationFailure(event.category, event.durationMs);
        return;
      case 'request.ended':
        collector.recordCaller(event.record.caller?.kind ?? 'anonymous');
        return countForeignValidation(collector, event);
      case 'rate_limit.decided':
        return collector.recordRateLimit(
          event.policy,
          event.allowed ? 'allowed' : event.shadow ? 'shadow_denied' : 'denied',
          event.identity,
        );
      case 'audit.written':
        return collector.recordAuditWritten(event.count);
      case 'audit.dropped':
        return collector.recordAuditDropped(event.reason, event.count);
      case 'rate_limit.overflow':
        return collector.recordRateLimitOverflow();
      case 'store.state':
        return collector.recordStoreState(event.state);
    }
  };
}

/**
 * Where another guard authenticates, nobody tells when it verified a token, or how long that took. What can be seen when
 * the request ends: a principal was accepted; without one, a 401 was a refusal.
 */
function countForeignValidation(collector: MetricsCollector, { record, statusCode }: RequestEnded): void {
  if (record.validated) return;
  const principal: unknown = record.caller?.principal;
  if (principal !== undefined && principal !== null && principal !== false) {
    collector.recordValidationSuccess();
    return;
  }
  if ((statusCode ?? record.refusal?.statusCode) !== 401) return;
  if (record.authFailure === undefined) {
    // Our own "nobody is logged in": no guard found fault with a token, so there was none.
    if (record.refusal?.code !== 'unauthenticated') collector.recordValidationFailure(NO_REASON);
  } else if (record.authFailure !== 'missing') {
    collector.recordValidationFailure(record.authFailure);
  }
}
