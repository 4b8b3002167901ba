// Real: the module on both frameworks, sockets that carry what no HTTP client would send, HTTP/2, and a serverless adapter.
// Faked: nothing.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import * as codegenie from '@codegenie/serverless-express';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuthServicesModule } from '../../src/index.js';
import { RecordingAuditSink } from '../../src/testing/index.js';
import { ADAPTERS, createApp, startApp, until, type Adapter, type RunningApp } from '../support/app.js';
import { settledEvents } from '../support/audited-app.js';
import { on, OUTCOMES, statusFor } from '../support/outcomes.js';
import { OutcomesModule } from '../support/outcomes-app.js';
import { exchange, RAW_OUTCOMES } from '../support/raw-outcomes.js';

const sink = new RecordingAuditSink();

@Module({ imports: [AuthServicesModule.forRoot({ audit: { sinks: [sink] } }), OutcomesModule] })
class App {}

@Module({ imports: [OutcomesModule] })
class Unwatched {}

const turn = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(ADAPTERS)('the audit trail of what comes over a socket, on %s', (adapter) => {
  let running: RunningApp;
  let bare: RunningApp;
  beforeAll(async () => {
    running = await startApp(adapter, App);
    bare = await startApp(adapter, Unwatched);
  });
  afterAll(() => Promise.all([running.close(), bare.close()]));
  beforeEach(() => sink.clear());

  it.each(RAW_OUTCOMES)('holds exactly one event for each request: $name', async (outcome) => {
    const expected = outcome.events(adapter);
    await exchange(running.port, outcome);
    expect(await settledEvents(running, sink, expected.length)).toMatchObject(expected);
  });

  it.each(RAW_OUTCOMES.filter(({ leave }) => !(leave instanceof RegExp)))(
    'leaves the answer as it is without the module, to the byte: $name',
    async (outcome) => {
      const answer = await exchange(running.port, outcome);
      expect(answer).toBe(await exchange(bare.port, outcome));
      if (outcome.isNodes?.[adapter] === true) expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    },
  );
});

/** A server of the adapter's own making, with settings of Node's that Nest has no option for. */
function impatient(adapter: Adapter): AbstractHttpAdapter {
  const settings = { connectionsCheckingInterval: 25, headersTimeout: 100, requestTimeout: 100 };
  if (adapter === 'fastify') return new FastifyAdapter({ http: settings, requestTimeout: 100 });
  return new (class extends ExpressAdapter {
    override initHttpServer(): void {
      this.httpServer = createServer(settings, this.getInstance<RequestListener>());
    }
  })();
}

describe.each(ADAPTERS)('what servers can be set to, on %s', (adapter) => {
  beforeEach(() => sink.clear());

  it('holds one event for a client that is too slow (408), which Node answers', async () => {
    const running = await startApp(impatient(adapter), App);
    const answer = await exchange(running.port, { send: 'GET /o/ok HTTP/1.1\r\nHost: local' });
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(await settledEvents(running, sink)).toMatchObject([
      { eventType: 'request_error', statusCode: 408, reason: 'ERR_HTTP_REQUEST_TIMEOUT', ipAddress: '127.0.0.1' },
    ]);
    await running.close();
  });

  it('hears what an application answers by itself, whenever it began to listen, and answers nothing besides', async () => {
    const running = await startApp(adapter, App);
    const server = running.app.getHttpServer() as Server;
    server.removeAllListeners('clientError');
    const own = (_error: Error, socket: Socket): void => void socket.end('HTTP/1.1 400 Mine\r\n\r\n');
    server.on('clientError', own);
    await turn();
    expect(await exchange(running.port, { send: 'no HTTP\r\n\r\n' })).toBe('HTTP/1.1 400 Mine\r\n\r\n');
    expect(await settledEvents(running, sink)).toMatchObject([{ statusCode: 400, reason: 'HPE_INVALID_METHOD' }]);
    server.off('clientError', own);
    expect(server.listenerCount('clientError')).toBe(0);
    expect(await exchange(running.port, { send: 'no HTTP\r\n\r\n' })).toBe(
      'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
    );
    await running.close();
    expect(['connection', 'newListener', 'removeListener'].map((event) => server.listenerCount(event))).not.toContain(
      2,
    );
  });
});

describe('the audit trail of what comes another way', () => {
  beforeEach(() => sink.clear());

  it('holds one event for what no HTTP is inside TLS', async () => {
    const psk = Buffer.alloc(32, 7);
    const tls = { ciphers: 'PSK+HIGH', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
    const app = await NestFactory.create(App, new ExpressAdapter(), {
      logger: false,
      httpsOptions: { ...tls, pskCallback: () => psk } as never,
    });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    for (const send of ['no HTTP\r\n\r\n', 'GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n']) {
      const socket = connectTls({
        ...tls,
        host: '127.0.0.1',
        port,
        checkServerIdentity: () => undefined,
        pskCallback: () => ({ psk, identity: 'test' }),
      });
      socket.write(send);
      socket.on('data', () => undefined);
      await once(socket, 'close');
    }
    await until(() => sink.events.length === 2, 'both events are logged');
    expect(sink.events).toMatchObject([
      { statusCode: 400, reason: 'HPE_INVALID_METHOD', ipAddress: '127.0.0.1' },
      { statusCode: 404, path: '/nowhere' },
    ]);
    await app.close();
  });

  it.each([
    ['/o/ok', 200, 'request_success'],
    ['/nowhere', 404, 'request_error'],
    ['/o/unauthorized', 401, 'auth_failure'],
    ['/o/number/%E0%A4%A', 400, 'request_error'],
    ['/o/throws', 500, 'request_exception'],
  ])('holds one event for a request over HTTP/2: %s', async (path, statusCode, eventType) => {
    const running = await startApp(new FastifyAdapter({ http2: true } as never), App);
    const session = connectHttp2(running.url);
    const stream = session.request({ ':path': path, 'user-agent': 'h2' });
    stream.resume();
    await once(stream, 'close');
    const second = session.request({ ':path': '/o/text' });
    second.resume();
    await once(second, 'close');
    await until(() => sink.events.length >= 2, 'both events are logged');
    expect(sink.events).toMatchObject([
      { eventType, statusCode, path, method: 'GET', userAgent: 'h2', ipAddress: '127.0.0.1' },
      { path: '/o/text' },
    ]);
    session.close();
    await running.close();
  });

  it.each(['/o/hangs', '/o/half', '/o/sse-endless'])(
    'tells a stream of HTTP/2 that was reset from one that ended: %s',
    async (path) => {
      const running = await startApp(new FastifyAdapter({ http2: true } as never), App);
      const session = connectHttp2(running.url);
      const stream = session.request({ ':path': path });
      if (path === '/o/hangs') await turn(20);
      else await once(stream, 'data');
      stream.close(constants.NGHTTP2_CANCEL);
      await until(() => sink.events.length > 0, 'the event is logged');
      expect(sink.events).toMatchObject([{ eventType: 'request_aborted', path }]);
      session.destroy();
      await running.close();
    },
  );

  const WITHOUT_SOCKET = OUTCOMES.filter(({ name }) => !/sent events|stream|too large|415/.test(name));

  it.each(WITHOUT_SOCKET)("holds one event for a request through Fastify's inject: $name", async (outcome) => {
    const { headers, body, method = 'GET' } = outcome.init ?? {};
    const response = await injected.inject({
      url: outcome.path,
      method: method as 'GET',
      headers: headers as Record<string, string>,
      ...(typeof body === 'string' && { payload: body }),
    });
    expect(response.statusCode).toBe(statusFor(outcome, 'fastify'));
    expect(sink.events).toMatchObject([
      {
        eventType: on(outcome.eventType, 'fastify'),
        statusCode: response.statusCode,
        path: outcome.path.split('?')[0],
      },
    ]);
  });

  it.each(WITHOUT_SOCKET)(
    'holds one event for a request through a serverless adapter on Express: $name',
    async (outcome) => {
      const { headers, body = null, method = 'GET' } = outcome.init ?? {};
      const { statusCode } = await serverless(outcome.path, { method, headers, body });
      expect(statusCode).toBe(statusFor(outcome, 'express'));
      await until(() => sink.events.length > 0, 'the event is logged');
      expect(sink.events).toMatchObject([
        {
          eventType: on(outcome.eventType, 'express'),
          statusCode,
          path: outcome.path.split('?')[0],
          ipAddress: '192.0.2.7',
        },
      ]);
    },
  );

  let injected: NestFastifyApplication;
  let lambda: INestApplication;
  beforeAll(async () => {
    injected = (await createApp('fastify', App)) as NestFastifyApplication;
    lambda = await createApp('express', App);
  });
  afterAll(() => Promise.all([injected.close(), lambda.close()]));

  /** As an AWS Lambda behind an API Gateway (payload format 2.0) would be asked. */
  async function serverless(path: string, init: object): Promise<{ statusCode: number }> {
    const { method, headers, body } = init as { method: string; headers?: Record<string, string>; body: string | null };
    const [rawPath, rawQueryString = ''] = path.split('?');
    const handler = codegenie.configure({ app: lambda.getHttpAdapter().getInstance() });
    const http = { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: 'lambda' };
    return handler(
      {
        version: '2.0',
        routeKey: '$default',
        rawPath,
        rawQueryString,
        headers: { host: 'example.org', ...headers },
        requestContext: { http, stage: '$default' },
        ...(body !== null && { body }),
        isBase64Encoded: false,
      },
      {},
    ) as Promise<{ statusCode: number }>;
  }
});
