import type { AuditEvent, AuditReceipt } from '../audit-event.js';

// https://www.elastic.co/docs/reference/ecs
const VERSION = '9.4.0';
const NANOSECONDS = 1_000_000;

/** `event.outcome` has three values; which one it was exactly is in `event.action` and `event.reason`. */
const OUTCOME = {
  success: 'success',
  failure: 'failure',
  denied: 'failure',
  error: 'failure',
  aborted: 'unknown',
} as const;

/**
 * The event in the Elastic Common Schema. What it has no field for is under `labels` and `nestjs_auth_services`; given
 * the receipt of the event, its place in the chain is in `event.id`, `event.sequence` and `event.hash`.
 *
 * @example
 * ```ts
 * const elastic: AuditSink = {
 *   name: 'elastic',
 *   write: (events) => events.forEach((event) => process.stdout.write(`${JSON.stringify(toEcs(event))}\n`)),
 * };
 * ```
 */
export function toEcs(event: AuditEvent, receipt?: AuditReceipt): object {
  const { userAgent, requestId, method, statusCode, path, route, ipAddress } = event;
  const user = event.userId ?? event.subject;
  return known({
    '@timestamp': event.timestamp,
    ecs: { version: VERSION },
    event: known({
      kind: 'event',
      category: categoryOf(event),
      type: typesOf(event),
      action: event.action ?? event.eventType,
      code: event.eventType,
      outcome: event.outcome === undefined ? 'unknown' : OUTCOME[event.outcome],
      reason: event.reason,
      duration: event.durationMs === undefined ? undefined : Math.round(event.durationMs * NANOSECONDS),
      provider: 'nestjs-auth-services',
      id: receipt && `${receipt.chain}:${receipt.seq}`,
      sequence: receipt?.seq,
      hash: receipt?.hash,
    }),
    user: user === undefined ? undefined : { id: user },
    client: ipAddress === undefined ? undefined : ipOrAddress(ipAddress),
    source: ipAddress === undefined ? undefined : ipOrAddress(ipAddress),
    http:
      method === undefined && statusCode === undefined
        ? undefined
        : known({
            request: method === undefined ? undefined : known({ method, id: requestId }),
            response: statusCode === undefined ? undefined : { status_code: statusCode },
          }),
    url: path === undefined ? undefined : { path: path.split('?')[0]!, original: path },
    user_agent: userAgent === undefined ? undefined : { original: userAgent },
    labels: labelsOf(event, route),
    nestjs_auth_services: event.metadata === undefined ? undefined : { metadata: event.metadata },
  });
}

/** A pseudonym is no address, and a field of type `ip` would refuse the whole event. */
const ipOrAddress = (address: string): object =>
  /^[\d.]+$|^[\da-f:.]+$/i.test(address) ? { address, ip: address } : { address };

function categoryOf({ eventType }: AuditEvent): string[] {
  if (eventType === 'auth_success' || eventType === 'auth_failure') return ['authentication'];
  return eventType === 'access_denied' ? ['iam', 'web'] : ['web'];
}

function typesOf({ eventType, outcome }: AuditEvent): string[] {
  if (eventType === 'auth_success') return ['start', 'allowed'];
  if (eventType === 'auth_failure') return ['start', 'denied'];
  if (outcome === 'denied') return ['access', 'denied'];
  return outcome === 'error' || outcome === 'aborted' ? ['access', 'error'] : ['access', 'allowed'];
}

/** Keywords only, as the schema demands of labels. */
function labelsOf({ clientId, isM2M }: AuditEvent, route: string | undefined): object | undefined {
  const labels = known({
    client_id: clientId ?? undefined,
    caller: isM2M === undefined ? undefined : isM2M ? 'm2m' : 'human',
    route,
  });
  return Object.keys(labels).length === 0 ? undefined : labels;
}

function known(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
