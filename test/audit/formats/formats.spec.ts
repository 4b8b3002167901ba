// Real: the mappers, and what the published schema of OCSF demands (`ocsf-schema.json`: extracted from the commits it names).
// Faked: nothing.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import type { AuditEvent, AuditReceipt } from '../../../src/audit/audit-event.js';
import { canonicalJson } from '../../../src/audit/formats/canonical-json.js';
import { toEcs } from '../../../src/audit/formats/ecs.js';
import { toOcsf } from '../../../src/audit/formats/ocsf.js';
import { EventWriter } from '../../../src/audit/event-writer.js';
import { IsoClock } from '../../../src/audit/iso-clock.js';
import { violations } from './ocsf-schema.js';

type Json = Record<string, any>;

const denied: AuditEvent = {
  timestamp: '2026-11-25T10:00:00.123Z',
  eventType: 'access_denied',
  outcome: 'denied',
  reason: 'human_only',
  clientId: 'reporting',
  subject: 'reporting@clients',
  isM2M: true,
  method: 'GET',
  path: '/orders/7?page=2',
  route: '/orders/:id',
  statusCode: 403,
  ipAddress: '192.0.2.1',
  userAgent: 'curl/8',
  durationMs: 1.5,
  requestId: 'r-1',
  metadata: { tenant: 'acme' },
};
const receipt: AuditReceipt = { chain: 'web-1.5f0c7f2e-0000-4000-8000-000000000000', seq: 7, hash: 'h'.repeat(43) };

describe('toOcsf', () => {
  it('maps what an auditor asks for: who, what, when, from where, how it ended and why', () => {
    expect(toOcsf(denied)).toMatchObject({
      class_uid: 6003,
      activity_id: 2,
      time: Date.UTC(2026, 10, 25, 10, 0, 0, 123),
      status_id: 2,
      status_detail: 'human_only',
      actor: { user: { uid: 'reporting@clients', type_id: 3 } },
      api: { operation: 'GET /orders/:id' },
      src_endpoint: { ip: '192.0.2.1' },
      http_request: { http_method: 'GET', url: { path: '/orders/7?page=2' }, user_agent: 'curl/8' },
      http_response: { code: 403 },
      metadata: { event_code: 'access_denied', correlation_uid: 'r-1' },
      unmapped: { metadata: { tenant: 'acme' }, clientId: 'reporting' },
    });
    expect(toOcsf({ ...denied, eventType: 'auth_failure', outcome: 'failure' })).toMatchObject({
      class_uid: 3002,
      activity_id: 1,
    });
  });

  it('has every field that the schema requires and none that it does not know, whatever an application logs', () => {
    const writer = new EventWriter();
    fc.assert(
      fc.property(fc.object({ maxDepth: 2 }), fc.boolean(), (entry, hasReceipt) => {
        const event = writer.write(entry as unknown as AuditEvent, new IsoClock(() => 0)).value;
        expect(violations(toOcsf(event, hasReceipt ? receipt : undefined))).toEqual([]);
      }),
    );
    const types = [
      'auth_success',
      'auth_failure',
      'access_denied',
      'request_success',
      'request_error',
      'request_aborted',
      'refund',
    ];
    const outcomes = ['success', 'failure', 'denied', 'error', 'aborted', undefined] as const;
    for (const eventType of types) {
      for (const outcome of outcomes) {
        for (const method of ['GET', 'POST', 'PATCH', 'DELETE', 'OPTIONS', undefined]) {
          expect(violations(toOcsf({ timestamp: denied.timestamp, eventType, outcome, method }))).toEqual([]);
        }
      }
    }
  });

  it('says which version of the schema it follows: the profile of the attestation is in none that was released', () => {
    expect(toOcsf(denied)).toMatchObject({ metadata: { version: '1.8.0' } });
    expect(toOcsf(denied, receipt)).toMatchObject({
      metadata: { version: '1.9.0-dev', profiles: ['record_integrity'] },
    });
    const claimed = toOcsf(denied, receipt) as Json;
    expect(violations({ ...claimed, metadata: { ...claimed['metadata'], version: '1.8.0' } })).toContain(
      '6003: no attribute attestation_list',
    );
  });

  it('is checked by a check that can fail', () => {
    const ocsf = toOcsf(denied) as Json;
    expect(
      violations({ ...ocsf, api: {}, actor: {}, severity_id: 42, src_endpoint: { ip: undefined }, foo: 1 }),
    ).toEqual([
      '6003: severity_id 42',
      '6003: no attribute foo',
      'actor: one of process, user, invoked_by, session, app_name, app_uid',
      'api: operation is required',
      'network_endpoint: one of ip, uid, name, hostname, svc_name, instance_uid, interface_uid, interface_name, domain',
    ]);
  });

  it('attests the record: whoever changes a field of it has another fingerprint', () => {
    const ocsf = toOcsf(denied, receipt) as Json;
    expect(ocsf['metadata']).toMatchObject({ profiles: ['record_integrity'], sequence: 7, uid: `${receipt.chain}:7` });
    const [attestation] = ocsf['attestation_list'] as Json[];
    const { fingerprint, ...signed } = attestation!;
    const fingerprintOf = (event: Json): string =>
      createHash('sha256')
        .update(canonicalJson({ ...event, attestation_list: [signed] }))
        .digest('hex');
    expect(fingerprint).toEqual({ algorithm_id: 3, value: fingerprintOf(ocsf) });
    // Any other order of the keys is the same event; any other value is not.
    expect(fingerprintOf(Object.fromEntries(Object.entries(ocsf).toReversed()))).toBe(fingerprint.value);
    expect(fingerprintOf({ ...ocsf, status_id: 1 })).not.toBe(fingerprint.value);
    expect(attestation!['chain_uid']).toBe(receipt.chain);
  });
});

describe('canonicalJson', () => {
  it('writes the examples of RFC 8785 as the RFC does', () => {
    const numbers = [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001];
    const text = '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\\"/';
    expect(canonicalJson({ numbers, string: text, literals: [null, true, false] })).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    expect(canonicalJson({ '\u20ac': 1, '\r': 2, '1': 3, '\u00f6': 4 })).toBe('{"\\r":2,"1":3,"ö":4,"€":1}');
  });
});

describe('toEcs', () => {
  it('maps to the fields of the schema, with the place in the chain', () => {
    expect(toEcs(denied, receipt)).toEqual({
      '@timestamp': denied.timestamp,
      ecs: { version: '9.4.0' },
      event: {
        kind: 'event',
        category: ['iam', 'web'],
        type: ['access', 'denied'],
        action: 'access_denied',
        code: 'access_denied',
        outcome: 'failure',
        reason: 'human_only',
        duration: 1_500_000,
        provider: 'nestjs-auth-services',
        id: `${receipt.chain}:7`,
        sequence: 7,
        hash: receipt.hash,
      },
      user: { id: 'reporting@clients' },
      client: { address: '192.0.2.1', ip: '192.0.2.1' },
      source: { address: '192.0.2.1', ip: '192.0.2.1' },
      http: { request: { method: 'GET', id: 'r-1' }, response: { status_code: 403 } },
      url: { path: '/orders/7', original: '/orders/7?page=2' },
      user_agent: { original: 'curl/8' },
      labels: { client_id: 'reporting', caller: 'm2m', route: '/orders/:id' },
      nestjs_auth_services: { metadata: { tenant: 'acme' } },
    });
  });

  it('gives a field of type ip nothing but addresses, because a pseudonym there would lose the whole event', () => {
    const { client } = toEcs({ ...denied, ipAddress: 'hmac:abcDEF' }) as { client: object };
    expect(client).toEqual({ address: 'hmac:abcDEF' });
    expect(toEcs({ ...denied, ipAddress: '2001:db8::1' })).toMatchObject({ client: { ip: '2001:db8::1' } });
  });

  it('needs nothing but a type and a time', () => {
    expect(toEcs({ timestamp: denied.timestamp, eventType: 'login' })).toEqual({
      '@timestamp': denied.timestamp,
      ecs: { version: '9.4.0' },
      event: {
        kind: 'event',
        category: ['web'],
        type: ['access', 'allowed'],
        action: 'login',
        code: 'login',
        outcome: 'unknown',
        provider: 'nestjs-auth-services',
      },
    });
  });
});
