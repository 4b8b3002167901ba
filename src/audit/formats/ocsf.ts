import { createHash } from 'node:crypto';
import type { AuditEvent, AuditReceipt } from '../audit-event.js';
import { canonicalJson } from './canonical-json.js';

// https://schema.ocsf.io/1.8.0
const VERSION = '1.8.0';
// https://github.com/ocsf/ocsf-schema/blob/main/profiles/record_integrity.json: in no released version yet.
const VERSION_OF_ATTESTATION = '1.9.0-dev';
const AUTHENTICATION = { category_uid: 3, class_uid: 3002 };
const API_ACTIVITY = { category_uid: 6, class_uid: 6003 };
const LOGON = 1;
const OTHER = 99;
const CRUD: Readonly<Record<string, number>> = { POST: 1, GET: 2, HEAD: 2, PUT: 3, PATCH: 3, DELETE: 4 };
const UNKNOWN_STATUS = 0;
const STATUS = { success: 1, failure: 2, denied: 2, error: 2, aborted: OTHER } as const;
const SEVERITY = { success: 1, aborted: 2, failure: 3, denied: 3, error: 3 } as const;
const SYSTEM_USER = 3;
const SHA_256 = 3;

/**
 * The event as one of the Open Cybersecurity Schema Framework, 1.8.0: Authentication (3002) for logins and failed
 * authentication, API Activity (6003) for everything else, with what has no place there under `unmapped`.
 *
 * Given the receipt of the event, it carries the attestation of the profile `record_integrity`: the chain, its place
 * there, and the SHA-256 of its canonical JSON (RFC 8785) without the fingerprint itself. No released
 * version of OCSF has that profile yet, so such an event says that it follows 1.9.0-dev; nothing else in it differs.
 *
 * @example
 * ```ts
 * const siem: AuditSink = {
 *   name: 'siem',
 *   write: (events) => events.forEach((event) => process.stdout.write(`${JSON.stringify(toOcsf(event))}\n`)),
 * };
 * ```
 */
export function toOcsf(event: AuditEvent, receipt?: AuditReceipt): object {
  const isLogon = event.eventType === 'auth_success' || event.eventType === 'auth_failure';
  const kind = isLogon ? AUTHENTICATION : API_ACTIVITY;
  const activity = isLogon ? LOGON : (CRUD[event.method ?? ''] ?? OTHER);
  const user = userOf(event);
  const mapped = known({
    ...kind,
    activity_id: activity,
    activity_name: activity === OTHER ? event.eventType : undefined,
    type_uid: kind.class_uid * 100 + activity,
    time: Date.parse(event.timestamp),
    severity_id: event.outcome === undefined ? SEVERITY.success : SEVERITY[event.outcome],
    status_id: event.outcome === undefined ? UNKNOWN_STATUS : STATUS[event.outcome],
    status: event.outcome,
    status_code: event.statusCode?.toString(),
    status_detail: event.reason,
    duration: event.durationMs === undefined ? undefined : Math.round(event.durationMs),
    metadata: known({
      version: receipt === undefined ? VERSION : VERSION_OF_ATTESTATION,
      product: { name: 'nestjs-auth-services', vendor_name: 'nestjs-auth-services' },
      profiles: receipt && ['record_integrity'],
      event_code: event.eventType,
      correlation_uid: event.requestId,
      uid: receipt && placeOf(receipt),
      sequence: receipt?.seq,
    }),
    ...(isLogon
      ? { user, service: { name: event.route ?? event.path ?? 'api' } }
      : { actor: { user }, api: { operation: event.action ?? operationOf(event) } }),
    src_endpoint: event.ipAddress === undefined ? { name: 'unknown' } : { ip: event.ipAddress },
    http_request: requestOf(event),
    http_response: isLogon || event.statusCode === undefined ? undefined : { code: event.statusCode },
    unmapped: unmappedOf(event),
  });
  return receipt === undefined ? mapped : attested(mapped, receipt);
}

function attested(event: object, receipt: AuditReceipt): object {
  const attestation = { uid: placeOf(receipt), chain_uid: receipt.chain };
  const value = createHash('sha256')
    .update(canonicalJson({ ...event, attestation_list: [attestation] }))
    .digest('hex');
  return { ...event, attestation_list: [{ ...attestation, fingerprint: { algorithm_id: SHA_256, value } }] };
}

const placeOf = ({ chain, seq }: AuditReceipt): string => `${chain}:${seq}`;

function userOf({ userId, clientId, subject, isM2M }: AuditEvent): object {
  const uid = userId ?? subject ?? clientId ?? undefined;
  return known({
    uid,
    name: uid === undefined ? 'anonymous' : undefined,
    type_id: isM2M === true ? SYSTEM_USER : uid === undefined ? 0 : 1,
  });
}

const operationOf = ({ method, route, path, eventType }: AuditEvent): string =>
  method === undefined ? eventType : `${method} ${route ?? path ?? ''}`.trim();

function requestOf({ method, path, userAgent, requestId }: AuditEvent): object | undefined {
  if (method === undefined && path === undefined && userAgent === undefined) return undefined;
  return known({
    http_method: method,
    url: path === undefined ? undefined : { path },
    user_agent: userAgent,
    uid: requestId,
  });
}

function unmappedOf({ metadata, clientId, userId, subject }: AuditEvent): object | undefined {
  const rest = known({
    metadata,
    clientId: clientId ?? undefined,
    subject: subject === userId ? undefined : subject,
  });
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function known(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
