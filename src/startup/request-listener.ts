import type { IncomingMessage } from 'node:http';
import type { AuthEvents } from '../events/auth-events.js';
import { rateLimitHeaders, type RateLimitHeadersFormat } from '../rate-limit/headers.js';
import type { PerIpFloor } from '../rate-limit/per-ip.js';
import type { RateLimitDecision } from '../rate-limit/rate-limit.policy.js';
import { refusalOf, violatedBy } from '../rate-limit/too-many-requests.js';
import { httpRefusal, PROBLEM_TYPE, refusalHeaders, wantsProblem } from '../refusal/refusal.js';
import { authFailureLeftOn } from '../request/auth-failure.js';
import type { Callers } from '../request/callers.js';
import type { HttpEntranceListener } from '../request/http-entrance.js';
import { holdType, rawOf, setHeaders } from '../request/http-message.js';
import type { RequestRecord } from '../request/record.js';

export interface RequestListenerParts {
  readonly callers: Callers;
  readonly events: AuthEvents;
  readonly perIp: PerIpFloor | undefined;
  readonly headers: RateLimitHeadersFormat['format'];
  readonly now: () => number;
  /** Looks at how the client's address is found out; absent where the application finds it out by itself. */
  readonly checkForwarded?: ((record: RequestRecord) => void) | undefined;
}

/** What the services do where requests come in and where they end. */
export function requestListener(parts: RequestListenerParts): HttpEntranceListener {
  const { callers, events, perIp, checkForwarded } = parts;
  return {
    admit(record) {
      record.callers ??= callers;
      checkForwarded?.(record);
      if (perIp === undefined) return undefined;
      const { url = '', method = '', headers } = rawOf(record.request) as IncomingMessage;
      const decision = perIp.check(callers.ofRecord(record).ip, url.split('?', 1)[0]!, method, headers);
      if (decision instanceof Promise) return decision.then((late) => late && refusePerIp(record, late, parts));
      return decision && refusePerIp(record, decision, parts);
    },
    ended(record, statusCode, aborted) {
      // Resolved while the request is at hand, for all that listen: who was calling, and why authentication failed.
      callers.ofRecord(record);
      if (statusCode === 401) record.authFailure ??= authFailureLeftOn(record.request);
      const durationMs = performance.now() - record.startedAt;
      events.publish({ type: 'request.ended', record, statusCode, aborted, durationMs });
    },
  };
}

/** The exception for the framework to throw, with its headers set: no guard and no context exist yet. */
function refusePerIp(record: RequestRecord, decision: RateLimitDecision, parts: RequestListenerParts): Error {
  const told = rateLimitHeaders(decision, { format: parts.headers, nowMs: parts.now() });
  const refusal = refusalOf(decision.source, decision.retryAfterMs, violatedBy(decision), told);
  record.refusal = refusal;
  const asProblem = wantsProblem(record.request);
  setHeaders(record.response, refusalHeaders(refusal, asProblem));
  if (asProblem && refusal.problem) holdType(record.response, PROBLEM_TYPE);
  return httpRefusal(refusal, asProblem);
}
