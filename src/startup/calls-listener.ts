import type { AuthEvents } from '../events/auth-events.js';
import type { Callers } from '../request/callers.js';
import type { CallsListener } from '../request/calls.js';
import { statusOfCall } from '../request/call-status.js';
import { transportOf } from '../request/transports/index.js';

/** What the services do where a message or a GraphQL field ends. */
export function callsListener(
  callers: Callers,
  events: AuthEvents,
  watchesPart: CallsListener['watchesPart'],
): Omit<CallsListener, 'owns'> {
  return {
    callers,
    watchesPart,
    ended(context, record, aborted) {
      // Resolved while the context is at hand, for all that listen.
      callers.of(context);
      record.durationMs = performance.now() - record.startedAt;
      const carrier = transportOf(context).carrierOf?.(context);
      if (carrier !== undefined && !carrier.ended) {
        // The request that brought it ends later, and tells of all its fields: one that has ended is told of once.
        (carrier.fields ??= []).push(record);
        return;
      }
      const { durationMs } = record;
      events.publish({ type: 'request.ended', record, statusCode: statusOfCall(record), aborted, durationMs });
    },
  };
}
