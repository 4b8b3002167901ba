// Real: the recorder, the logger, and the record of a request. Faked: the requests of both frameworks, and who calls.
import { describe, expect, it } from '@jest/globals';
import { SkipAudit } from '../../src/audit/skip-audit.decorator.js';
import { Audit } from '../../src/audit/audit.decorator.js';
import type { AuditEvent } from '../../src/audit/audit-event.js';
import { AuditLogger } from '../../src/audit/audit-logger.js';
import { RequestEvents } from '../../src/audit/request-events.js';
import { AuditRecorder, type AuditRecorderSettings } from '../../src/audit/audit-recorder.js';
import type { AuditOptions } from '../../src/audit/audit.options.js';
import type { Caller } from '../../src/request/caller.js';
import { RequestRecord } from '../../src/request/record.js';
import { RecordingAuditSink } from '../../src/testing/recording-audit-sink.js';

class Orders {
  @Audit() named(): void {}
  @Audit({ action: 'order.list' }) list(): void {}
  @SkipAudit() poll(): void {}
  plain(): void {}
}

const handlerOf = (name: keyof Orders): Function => (Orders.prototype as unknown as Record<string, Function>)[name]!;

interface Given {
  readonly options?: AuditOptions;
  readonly settings?: AuditRecorderSettings;
  readonly request?: object;
  readonly record?: Partial<RequestRecord>;
  readonly caller?: Partial<Caller>;
  readonly statusCode?: number;
  readonly aborted?: boolean;
}

const request = (more: object = {}): object => ({
  method: 'GET',
  url: '/orders/7',
  headers: {},
  socket: { remoteAddress: '::ffff:10.9.8.7' },
  ...more,
});

function recorded(given: Given): { events: readonly AuditEvent[]; logger: AuditLogger } {
  const sink = new RecordingAuditSink();
  const logger = new AuditLogger({ ...given.options, sinks: [sink] });
  const callers = {
    ofRecord: (record: RequestRecord): Caller => {
      if (given.caller?.kind === undefined) return { transport: 'http', request: record.request, kind: 'anonymous' };
      return { transport: 'http', request: record.request, kind: 'unknown', ...given.caller };
    },
  };
  const requestEvents = new RequestEvents((where) => logger.noteError(where), callers, given.options);
  const recorder = new AuditRecorder(logger, requestEvents, given.options, given.settings);
  const record = Object.assign(new RequestRecord(request(given.request), {}, 0), given.record);
  const ended = {
    type: 'request.ended',
    record,
    statusCode: given.statusCode ?? 200,
    aborted: given.aborted ?? false,
    durationMs: 1.23456,
  } as const;
  recorder.record(ended);
  recorder.record(ended);
  return { events: sink.events, logger };
}
const only = (given: Given): AuditEvent => {
  const { events } = recorded(given);
  expect(events).toHaveLength(1);
  return events[0]!;
};

describe('AuditRecorder', () => {
  it('writes one event for a request, also when its end is told twice', () => {
    expect(only({})).toEqual({
      timestamp: expect.any(String),
      eventType: 'request_success',
      outcome: 'success',
      method: 'GET',
      path: '/orders/7',
      statusCode: 200,
      ipAddress: '10.9.8.7',
      durationMs: 1.235,
    });
  });

  it.each<[string, Partial<Caller>, object]>([
    [
      'a person',
      { kind: 'human', userId: 'ann', subject: 'ann', clientId: 'app', ip: '1.2.3.4' },
      { userId: 'ann', subject: 'ann', clientId: 'app', isM2M: false, ipAddress: '1.2.3.4' },
    ],
    [
      'a machine, which is no user',
      { kind: 'm2m', userId: 'forged', subject: 'svc', clientId: 'svc' },
      { subject: 'svc', clientId: 'svc', isM2M: true, userId: undefined },
    ],
    [
      'somebody whose token does not tell',
      { kind: 'unknown', userId: 'x', subject: 'x' },
      { userId: 'x', isM2M: undefined },
    ],
    [
      'nobody',
      { kind: 'anonymous', userId: 'forged', ip: '::1' },
      { userId: undefined, isM2M: undefined, ipAddress: '::1' },
    ],
  ])('names %s', (_who, caller, expected) => {
    const event = only({ caller });
    for (const [field, value] of Object.entries(expected)) expect(event[field as keyof AuditEvent]).toEqual(value);
  });

  it.each<[string, object, object]>([
    [
      'Express',
      { originalUrl: '/api/orders/7?x=1', url: '/7?x=1', baseUrl: '', route: { path: '/api/orders/:id' } },
      { path: '/api/orders/7', route: '/api/orders/:id' },
    ],
    [
      'Express under a mounted router',
      { originalUrl: '/v1/orders', baseUrl: '/v1', route: { path: '/orders' } },
      { path: '/v1/orders', route: '/v1/orders' },
    ],
    [
      'Fastify',
      {
        raw: { method: 'PUT', url: '/orders/7?token=x', headers: { 'user-agent': 'ua' }, socket: {} },
        id: 'req-1',
        routeOptions: { url: '/orders/:id' },
      },
      { method: 'PUT', path: '/orders/7', route: '/orders/:id', requestId: 'req-1', userAgent: 'ua' },
    ],
    ['a whole address', { url: 'http://host:80/a/b?c=d' }, { path: '/a/b' }],
    ['OPTIONS *', { method: 'OPTIONS', url: '*' }, { path: '*' }],
    ['a harmless id of the caller', { headers: { 'x-request-id': 'abc-123' } }, { requestId: 'abc-123' }],
    ['an id of the caller that is none', { headers: { 'x-request-id': 'a\u2028b' } }, { requestId: undefined }],
    ['an id of the caller that is too long', { headers: { 'x-request-id': 'x'.repeat(65) } }, { requestId: undefined }],
  ])('reads the request of %s', (_what, fields, expected) => {
    const event = only({ request: fields });
    for (const [field, value] of Object.entries(expected)) expect(event[field as keyof AuditEvent]).toEqual(value);
  });

  it('drops the query, except the parameters that are listed, and no secret even then', () => {
    const url = '/a?page=2&email=ann%40x&%70age=3&token=abc&page=eyJhbGciOiJSUzI1NiJ9';
    expect(only({ request: { url } }).path).toBe('/a');
    expect(only({ request: { url }, options: { queryParameters: ['page'] } }).path).toBe(
      '/a?page=2&%70age=3&page=[redacted]',
    );
    expect(only({ request: { url }, options: { queryParameters: ['other'] } }).path).toBe('/a');
  });

  it.each<[string, string | undefined, boolean]>([
    ['/health', undefined, true],
    ['/health/', undefined, true],
    ['/api/health', 'api', true],
    ['/api/health', '/api/', true],
    ['/health', 'api', true],
    ['/api/health', undefined, false],
    ['/healthy', undefined, false],
    ['/health/live', undefined, false],
    ['/internal/a/b', undefined, true],
    ['/internal', undefined, false],
    ['/internals', undefined, false],
    ['/internal/../orders', undefined, false],
    ['/internal/%2e%2e/orders', undefined, false],
    ['/internal//orders', undefined, false],
    ['/api', 'api', false],
  ])('excluded: %s under the prefix %s: %s', (url, prefix, isExcluded) => {
    const options = { excludePaths: ['/health', '/internal/*'] };
    const { events } = recorded({ request: { url }, options, settings: { globalPrefix: () => prefix } });
    expect(events).toHaveLength(isExcluded ? 0 : 1);
  });

  it('excludes what nobody wants to read by default', () => {
    for (const url of ['/health', '/metrics', '/docs', '/openapi.json'])
      expect(recorded({ request: { url } }).events).toHaveLength(0);
  });

  it.each([401, 403, 429, 500, 503])('never hides a %i, by no path and no @SkipAudit', (statusCode) => {
    expect(recorded({ request: { url: '/health' }, statusCode }).events).toHaveLength(1);
    const record = { controller: Orders, handler: handlerOf('poll') };
    expect(recorded({ record, statusCode }).events).toHaveLength(1);
  });

  it('does not hide a bad token whose sender hung up before the answer', () => {
    const record = { authFailure: 'malformed' };
    expect(only({ request: { url: '/health' }, record, aborted: true })).toMatchObject({
      eventType: 'request_aborted',
      reason: 'malformed',
    });
  });

  it('hides what went well under @SkipAudit', () => {
    expect(recorded({ record: { controller: Orders, handler: handlerOf('poll') } }).events).toHaveLength(0);
  });

  it('names the action of an @Audit route only', () => {
    const of = (name: 'named' | 'list' | 'plain'): string | undefined =>
      only({ record: { controller: Orders, handler: handlerOf(name) } }).action;
    expect(of('named')).toBe('Orders.named');
    expect(of('list')).toBe('order.list');
    expect(of('plain')).toBeUndefined();
  });

  it('writes only what an interceptor or @Audit marked where requests are not to be audited', () => {
    const settings = { auditRequests: false };
    expect(recorded({ settings }).events).toHaveLength(0);
    expect(recorded({ settings, record: { controller: Orders, handler: handlerOf('plain') } }).events).toHaveLength(0);
    expect(recorded({ settings, record: { audit: {} } }).events).toHaveLength(1);
    expect(
      recorded({ settings, statusCode: 401, record: { controller: Orders, handler: handlerOf('list') } }).events,
    ).toHaveLength(1);
  });

  it('gives an aborted request no status that was never sent', () => {
    expect(only({ aborted: true }).statusCode).toBeUndefined();
    expect(only({ aborted: true, record: { response: { headersSent: true } } }).statusCode).toBe(200);
    expect(only({ aborted: true, record: { response: { raw: { headersSent: true } } } }).statusCode).toBe(200);
  });

  it('writes the event all the same when it cannot be said who called or what the request was', () => {
    const sink = new RecordingAuditSink();
    const logger = new AuditLogger({ sinks: [sink] });
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
      },
    );
    const callers = {
      ofRecord: () => {
        throw new Error('trap');
      },
    };
    const recorder = new AuditRecorder(logger, new RequestEvents((where) => logger.noteError(where), callers));
    recorder.record({
      type: 'request.ended',
      record: new RequestRecord(trap, {}, 0),
      statusCode: 401,
      aborted: false,
      durationMs: 1,
    });
    expect(sink.events).toMatchObject([{ eventType: 'auth_failure', statusCode: 401 }]);
    expect(logger.status.errors).toEqual({ request: 1, caller: 1 });
  });
});
