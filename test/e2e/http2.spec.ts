// Real: Fastify over HTTP/2, the client of node:http2, the module. Faked: authentication, by a header; the clock.
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Body, Controller, Get, Module, Post, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HumanOnly, MetricsCollector, RateLimit } from '../../src/index.js';
import { until } from '../support/app.js';
import { HeaderAuthGuard } from '../support/header-auth.js';
import { RecordedServices } from '../support/recorded-services.js';

const services = new RecordedServices({ rateLimit: { perIp: { maxRequests: 8, windowSeconds: 60 } } });
const { sink, clock } = services;
let isHanging = false;

@Controller()
class Routes {
  @Get('limited') @RateLimit({ maxRequests: 1 }) @UseGuards(HeaderAuthGuard) limited() {
    return 'limited';
  }
  @Get('person') @HumanOnly() @UseGuards(HeaderAuthGuard) person() {
    return 'person';
  }
  @Post('echo') echo(@Body() body: unknown) {
    return body;
  }
  @Get('hangs') async hangs(): Promise<void> {
    isHanging = true;
    await new Promise(() => undefined);
  }
}

@Module({ imports: [services.module], controllers: [Routes] })
class App {}

describe('HTTP/2 on Fastify', () => {
  let app: NestFastifyApplication;
  let session: ClientHttp2Session;
  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter({ http2: true }), { logger: false });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    session = connect(`http://127.0.0.1:${port}`);
  });
  afterAll(async () => {
    session.destroy();
    await app.close();
  });
  beforeEach(() => {
    sink.clear();
    clock.advance(120_000);
  });

  const open = (path: string, headers: Record<string, string>, body?: string) => {
    const method = body === undefined ? 'GET' : 'POST';
    const stream = session.request({ ':path': path, ':method': method, ...headers });
    stream.end(body);
    return stream;
  };
  const ask = (path: string, headers: Record<string, string> = {}, body?: string) =>
    new Promise<{ status: number; headers: IncomingHttpHeaders; body: unknown }>((resolve, reject) => {
      const stream = open(path, headers, body);
      let text = '';
      let answered: IncomingHttpHeaders = {};
      stream.on('response', (received) => (answered = received));
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('error', reject);
      stream.on('end', () => {
        const isJson = answered['content-type']?.includes('json') === true;
        resolve({ status: Number(answered[':status']), headers: answered, body: isJson ? JSON.parse(text) : text });
      });
    });
  const audited = (count: number) => services.audited(app, count);
  const alice = { 'x-user': 'alice' };

  it('limits, with the headers of HTTP and none that HTTP/2 forbids', async () => {
    const first = await ask('/limited', alice);
    expect(first).toMatchObject({
      status: 200,
      body: 'limited',
      headers: { 'x-ratelimit-remaining': '0', 'ratelimit-policy': '"default";q=1;w=60' },
    });
    const refused = await ask('/limited', alice);
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '60' }, body: { code: 'rate_limited' } });
  });

  it('refuses a machine, and asks nobody to sign in with the challenge of HTTP', async () => {
    expect(await ask('/person', { 'x-machine': 'billing' })).toMatchObject({
      status: 403,
      body: { code: 'human_only' },
    });
    expect((await ask('/person', alice)).status).toBe(200);
  });

  it('holds an address to its floor, before any route', async () => {
    for (let call = 0; call < 8; call++) expect((await ask('/nowhere')).status).toBe(404);
    expect(await ask('/nowhere')).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  });

  it('leaves exactly one audit event for each stream, also for one that the client resets', async () => {
    await ask('/limited', alice);
    await ask('/limited', alice);
    await ask('/limited');
    await ask('/person', { 'x-machine': 'billing' });
    await ask('/nowhere');
    await ask('/echo', { 'content-type': 'application/json' }, '{"a":');
    const hanging = open('/hangs', {});
    await until(() => isHanging, 'the handler runs');
    hanging.close(constants.NGHTTP2_CANCEL);
    const events = await audited(7);
    expect(
      events.map(({ path, statusCode, eventType, ipAddress }) => [path, statusCode, eventType, ipAddress]),
    ).toEqual([
      ['/limited', 200, 'request_success', '127.0.0.1'],
      ['/limited', 429, 'request_error', '127.0.0.1'],
      ['/limited', 401, 'auth_failure', '127.0.0.1'],
      ['/person', 403, 'access_denied', '127.0.0.1'],
      ['/nowhere', 404, 'request_error', '127.0.0.1'],
      ['/echo', 400, 'request_error', '127.0.0.1'],
      ['/hangs', undefined, 'request_aborted', '127.0.0.1'],
    ]);
    expect(app.get(MetricsCollector).getMetrics().callers.anonymous).toBeGreaterThan(0);
  });
});
