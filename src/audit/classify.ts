import type { RequestRecord } from '../request/record.js';
import type { AuditEvent } from './audit-event.js';
import { describeThrown, isHttpException, isTransportException, messageOf } from './thrown-reason.js';

export type Classified = Pick<AuditEvent, 'eventType' | 'outcome' | 'reason'>;

/** How a call went, by the table of API.md. Without a status (messages), what was thrown decides. */
export function classify(
  record: Pick<RequestRecord, 'authFailure' | 'refusal' | 'exception' | 'thrown'>,
  statusCode: number | undefined,
  aborted: boolean,
): Classified {
  const { refusal, exception, thrown } = record;
  const known = record.authFailure ?? refusal?.code;
  if (aborted) return { eventType: 'request_aborted', outcome: 'aborted', reason: known };
  switch (statusCode) {
    case 401:
      return { eventType: 'auth_failure', outcome: 'failure', reason: known ?? 'unauthorized' };
    case 403:
      return { eventType: 'access_denied', outcome: 'denied', reason: refusal?.code ?? denialReason(exception) };
    case 429:
      return { eventType: 'request_error', outcome: 'denied', reason: 'rate_limited' };
    default:
  }
  if (statusCode === undefined ? !thrown : statusCode < 400)
    return { eventType: 'request_success', outcome: 'success' };
  const isServerError = statusCode === undefined || statusCode >= 500;
  const isForCaller = isHttpException(exception) || isTransportException(exception);
  if (thrown && isServerError && !isForCaller && refusal === undefined) {
    return { eventType: 'request_exception', outcome: 'error', reason: describeThrown(exception) };
  }
  return { eventType: 'request_error', outcome: 'error', reason: refusal?.code ?? messageOf(exception) };
}

/** What the application's own exception, or Nest's for a guard that said no, tells the caller. */
function denialReason(exception: unknown): string {
  return (isHttpException(exception) ? messageOf(exception) : undefined) ?? 'forbidden';
}
