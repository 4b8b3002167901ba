// Every way a request can end that the tests of capture go through, on both adapters.
import { connect } from 'node:net';
import type { Adapter, RunningApp } from './app.js';

export interface Outcome {
  readonly name: string;
  readonly path: string;
  readonly statusCode: number | Readonly<Record<Adapter, number>>;
  readonly eventType: string | Readonly<Record<Adapter, string>>;
  readonly reason?: string | RegExp;
  readonly route?: string;
  readonly userId?: string;
  readonly init?: RequestInit;
}

const json = (body: string): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body,
});

/** Those that go through an ordinary client and end by themselves. */
export const OUTCOMES: readonly Outcome[] = [
  { name: '200', path: '/o/ok', statusCode: 200, eventType: 'request_success' },
  { name: '200 with a query', path: '/o/ok?secret=1', statusCode: 200, eventType: 'request_success' },
  { name: '201', path: '/o/created', statusCode: 201, eventType: 'request_success', init: json('{"a":1}') },
  { name: '204', path: '/o/empty', statusCode: 204, eventType: 'request_success' },
  { name: '302', path: '/o/away', statusCode: 302, eventType: 'request_success', init: { redirect: 'manual' } },
  {
    name: '307 by its result',
    path: '/o/moved?to=/o/ok',
    statusCode: 307,
    eventType: 'request_success',
    init: { redirect: 'manual' },
  },
  {
    name: 'a caller who said who it is',
    path: '/o/who',
    statusCode: 200,
    eventType: 'request_success',
    route: '/o/who',
    userId: 'ann',
    init: { headers: { 'x-user': 'ann' } },
  },
  {
    name: 'a caller whose call fails',
    path: '/o/who-breaks',
    statusCode: 500,
    eventType: 'request_exception',
    reason: /RangeError: after the guard/,
    route: '/o/who-breaks',
    userId: 'ann',
    init: { headers: { 'x-user': 'ann' } },
  },
  { name: 'HEAD', path: '/o/ok', statusCode: 200, eventType: 'request_success', init: { method: 'HEAD' } },
  { name: '400 of a pipe', path: '/o/number/x', statusCode: 400, eventType: 'request_error' },
  { name: '400 of a handler', path: '/o/bad', statusCode: 400, eventType: 'request_error' },
  { name: '401 of a guard', path: '/o/unauthorized', statusCode: 401, eventType: 'auth_failure', reason: /./ },
  {
    name: '401 of a guard that had to wait',
    path: '/o/refused-later',
    statusCode: 401,
    eventType: 'auth_failure',
    route: '/o/refused-later',
  },
  {
    name: '418 of a handler',
    path: '/o/teapot',
    statusCode: 418,
    eventType: 'request_error',
    reason: 'short and stout',
  },
  {
    name: '418 that a filter made of an error',
    path: '/o/filtered',
    statusCode: 418,
    eventType: 'request_error',
    reason: 'kept from the caller',
  },
  {
    name: 'a filter that throws',
    path: '/o/filter-throws',
    statusCode: { express: 502, fastify: 502 },
    eventType: 'request_exception',
    reason: 'RangeError: the first',
  },
  {
    name: '503 of an interceptor',
    path: '/o/interrupted',
    statusCode: 503,
    eventType: 'request_error',
    reason: 'closed for today',
  },
  { name: '451 of a middleware', path: '/o/by-middleware', statusCode: 451, eventType: 'request_error' },
  {
    name: 'a middleware that throws',
    path: '/o/middleware-throws',
    statusCode: 500,
    eventType: 'request_exception',
    reason: 'TypeError: middleware broke',
  },
  {
    name: 'a middleware that hands on an error',
    path: '/o/middleware-next',
    statusCode: 403,
    eventType: 'access_denied',
    reason: 'middleware says no',
  },
  {
    name: '403 of a guard',
    path: '/o/forbidden',
    statusCode: 403,
    eventType: 'access_denied',
    reason: 'Forbidden resource',
  },
  {
    name: '403 of a handler',
    path: '/o/handler-forbids',
    statusCode: 403,
    eventType: 'access_denied',
    reason: 'not on sundays',
  },
  { name: '404 of no route', path: '/nowhere', statusCode: 404, eventType: 'request_error' },
  {
    name: 'OPTIONS of no route',
    path: '/nowhere',
    statusCode: 404,
    eventType: 'request_error',
    init: { method: 'OPTIONS' },
  },
  {
    name: 'OPTIONS of a route',
    path: '/o/options',
    statusCode: 204,
    eventType: 'request_success',
    init: { method: 'OPTIONS' },
  },
  { name: '500 of an HttpException', path: '/o/http-500', statusCode: 500, eventType: 'request_error' },
  {
    name: '500 of an error thrown',
    path: '/o/throws',
    statusCode: 500,
    eventType: 'request_exception',
    reason: /RangeError.*out of range/,
  },
  {
    name: '500 of a text thrown',
    path: '/o/throws-text',
    statusCode: 500,
    eventType: 'request_exception',
    reason: /a bare string/,
  },
  {
    name: '500 of nothing thrown',
    path: '/o/throws-nothing',
    statusCode: 500,
    eventType: 'request_exception',
    reason: 'undefined',
  },
  {
    name: '500 of values that fail in the end',
    path: '/o/late-error',
    statusCode: 500,
    eventType: 'request_exception',
    reason: 'Error: after a value',
  },
  {
    name: '500 of a rejection',
    path: '/o/rejects',
    statusCode: 500,
    eventType: 'request_exception',
    reason: /rejected/,
  },
  {
    name: '500 of a guard that breaks',
    path: '/o/guard-breaks',
    statusCode: 500,
    eventType: 'request_exception',
    reason: /TypeError.*role store/,
  },
  { name: 'malformed JSON', path: '/o/created', statusCode: 400, eventType: 'request_error', init: json('{"a":') },
  {
    name: 'too large a body',
    path: '/o/created',
    statusCode: 413,
    eventType: 'request_error',
    init: json(JSON.stringify('x'.repeat(2_000_000))),
  },
  {
    name: '415 of a charset',
    path: '/o/created',
    statusCode: { express: 415, fastify: 201 },
    eventType: { express: 'request_error', fastify: 'request_success' },
    init: { method: 'POST', headers: { 'content-type': 'application/json; charset=klingon' }, body: '{}' },
  },
  {
    name: '415 of a media type',
    path: '/o/created',
    statusCode: { express: 201, fastify: 415 },
    eventType: { express: 'request_success', fastify: 'request_error' },
    init: { method: 'POST', headers: { 'content-type': 'application/x-klingon' }, body: 'qapla' },
  },
  { name: 'a bad URL', path: '/o/number/%E0%A4%A', statusCode: 400, eventType: 'request_error' },
  { name: 'many values', path: '/o/values', statusCode: 200, eventType: 'request_success' },
  { name: 'no values', path: '/o/no-values', statusCode: 500, eventType: 'request_exception', reason: /EmptyError/ },
  { name: 'server-sent events', path: '/o/sse', statusCode: 200, eventType: 'request_success' },
  { name: 'server-sent events that fail midway', path: '/o/sse-fails', statusCode: 200, eventType: 'request_success' },
  {
    name: 'a stream that fails at once',
    path: '/o/no-file',
    statusCode: { express: 400, fastify: 500 },
    eventType: { express: 'request_error', fastify: 'request_exception' },
  },
  { name: 'a stream', path: '/o/file', statusCode: 200, eventType: 'request_success' },
  { name: '@Res()', path: '/o/manual', statusCode: 202, eventType: 'request_success' },
];

/** Those in which the client goes away: after the headers where the handler answers, before them where it hangs. */
export const ABORTED: readonly { readonly name: string; readonly path: string }[] = [
  { name: 'a handler that has not answered', path: '/o/hangs' },
  { name: 'a stream half sent', path: '/o/half' },
  { name: 'server-sent events that never end', path: '/o/sse-endless' },
];

/** What belongs to this adapter. */
export const on = <T>(value: T | Readonly<Record<Adapter, T>>, adapter: Adapter): T =>
  typeof value === 'object' && value !== null && adapter in value
    ? (value as Record<Adapter, T>)[adapter]
    : (value as T);

export const statusFor = (outcome: Outcome, adapter: Adapter): number =>
  typeof outcome.statusCode === 'number' ? outcome.statusCode : outcome.statusCode[adapter];

/** Asks over a socket of its own, byte for byte, and goes away once `enough` says so; resolves when the socket is closed. */
export function askAndLeave(
  app: RunningApp,
  path: string,
  enough: (received: string) => boolean,
  asked: () => void = () => undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(app.port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: leaving\r\n\r\n`, asked);
      if (enough('')) socket.end();
    });
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      if (enough(received)) socket.destroy();
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}
