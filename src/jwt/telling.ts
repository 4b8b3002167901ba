import type { AuthEvents } from '../events/auth-events.js';
import type { RequestRecord } from '../request/record.js';
import type { TokenDecision } from './token-verifier.js';

/** Notes a verification on the call's record, and tells it, with the time since `startedAt` by `performance.now()`, to whoever listens. */
export function tell(
  events: Pick<AuthEvents, 'publish'> | undefined,
  record: RequestRecord | undefined,
  decision: TokenDecision,
  startedAt: number,
): void {
  if (record !== undefined) {
    record.validated = true;
    if (!decision.accepted) record.authFailure = decision.category;
  }
  if (events === undefined) return;
  const durationMs = performance.now() - startedAt;
  if (decision.accepted) events.publish({ type: 'token.validated', durationMs });
  else events.publish({ type: 'token.refused', category: decision.category, durationMs });
}
