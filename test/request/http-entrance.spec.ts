// Real: both frameworks on loopback sockets, and their inject. Faked: nothing; the entrance is attached the way the module does it.
import { Injectable, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HttpEntrance } from '../../src/request/http-entrance.js';
import type { RequestRecord } from '../../src/request/record.js';
import { ADAPTERS, startApp, until, type RunningApp } from '../support/app.js';
import { ABORTED, askAndLeave, on, OUTCOMES, statusFor } from '../support/outcomes.js';
import { exchange } from '../support/raw-outcomes.js';
import { OutcomesModule } from '../support/outcomes-app.js';

interface Ended {
  readonly record: RequestRecord;
  readonly statusCode: number;
  readonly aborted: boolean;
}
let ended: Ended[] = [];

@Injectable()
class Watch implements OnApplicationShutdown {
  private readonly entrance: HttpEntrance;
  constructor(@Inject(HttpAdapterHost) host: HttpAdapterHost) {
    this.entrance = new HttpEntrance(host.httpAdapter, {
      ended: (record, statusCode, aborted) => void ended.push({ record, statusCode, aborted }),
    });
  }
  onApplicationShutdown(): void {
    this.entrance.close();
  }
}

@Module({ imports: [OutcomesModule], providers: [Watch] })
class App {}

describe.each(ADAPTERS)('the entrance on %s', (adapter) => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp(adapter, App);
  });
  afterAll(() => running.close());
  beforeEach(() => {
    ended = [];
  });

  it.each(OUTCOMES)(
    'tells the end of a request exactly once, with the status that was sent: $name',
    async (outcome) => {
      const response = await fetch(running.url + outcome.path, outcome.init);
      await response.arrayBuffer();
      await until(() => ended.length > 0, 'the end is told');
      const after = await fetch(`${running.url}/o/ok`);
      await after.arrayBuffer();
      await until(() => ended.length > 1, 'the end of the next one is told');
      const [first] = ended;
      expect(ended).toHaveLength(2);
      expect(response.status).toBe(statusFor(outcome, adapter));
      expect(first).toMatchObject({ statusCode: response.status, aborted: false });
      const threw = on(outcome.eventType, adapter) === 'request_exception' || /handler|guard|pipe/.test(outcome.name);
      expect(first!.record.thrown || !threw).toBe(true);
    },
  );

  it.each(ABORTED)('tells a client that went away from a request that was answered: $name', async ({ path }) => {
    await askAndLeave(running, path, (received) => path === '/o/hangs' || received.includes('\r\n\r\n'));
    await until(() => ended.length > 0, 'the end is told');
    expect(ended).toMatchObject([{ aborted: true }]);
  });

  it('tells pipelined requests of one connection apart', async () => {
    const { connect } = await import('node:net');
    const one = 'GET /o/ok HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const socket = connect(running.port, '127.0.0.1', () => socket.write(one + one + one));
    socket.on('data', () => undefined);
    await until(() => ended.length === 3, 'three ends are told');
    socket.destroy();
    expect(new Set(ended.map(({ record }) => record)).size).toBe(3);
  });

  it('sees what comes without a socket, through inject or a serverless adapter', async () => {
    if (adapter === 'fastify') {
      const response = await (running.app as NestFastifyApplication).inject({ url: '/o/ok' });
      expect(response.statusCode).toBe(200);
    } else {
      const { ServerResponse, IncomingMessage } = await import('node:http');
      const { Socket } = await import('node:net');
      const request = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: '/o/ok' });
      const response = new ServerResponse(request);
      const finished = new Promise((resolve) => response.on('finish', resolve));
      const { Writable } = await import('node:stream');
      response.assignSocket(
        Object.assign(new Writable({ write: (_c, _e, done) => done() }), { cork() {}, uncork() {} }) as never,
      );
      running.app.getHttpAdapter().getInstance()(request, response);
      await finished;
    }
    await until(() => ended.length > 0, 'the end is told');
    expect(ended).toMatchObject([{ statusCode: 200, aborted: false }]);
  });
});

describe('the entrance', () => {
  it('also watches the second server that Fastify opens when told to listen on localhost', async () => {
    ended = [];
    const { createApp } = await import('../support/app.js');
    const app = await createApp('fastify', App);
    await app.listen(0, 'localhost');
    const addresses = (app as NestFastifyApplication).getHttpAdapter().getInstance().addresses() as AddressInfo[];
    for (const { address, port, family } of addresses) {
      // A bad URL is answered by Fastify before its first hook, so that only Node's channel tells of it.
      const host = family === 'IPv6' ? `[${address}]` : address;
      await (await fetch(`http://${host}:${port}/o/number/%E0%A4%A`)).arrayBuffer();
      // The second server has none of Fastify's listeners: Node answers there.
      await exchange(port, { send: 'no HTTP\r\n\r\n' }, address);
    }
    await until(() => ended.length >= 2 * addresses.length, 'the ends are told');
    expect(ended.map(({ statusCode }) => statusCode)).toEqual(addresses.flatMap(() => [400, 400]));
    await app.close();
  });

  it("leaves other people's servers in the same process alone", async () => {
    ended = [];
    const running = await startApp('express', App);
    const { createServer } = await import('node:http');
    const foreign = createServer((_request, response) => response.end('mine')).listen(0, '127.0.0.1');
    await until(() => foreign.listening, 'the foreign server listens');
    await (await fetch(`http://127.0.0.1:${(foreign.address() as { port: number }).port}/`)).text();
    await (await fetch(`${running.url}/o/ok`)).text();
    await until(() => ended.length > 0, 'the end is told');
    expect(ended).toHaveLength(1);
    foreign.close();
    await running.close();
  });

  it("puts Nest's exception handling back as it was when the last application has closed", async () => {
    const { ExceptionsHandler } = await import('@nestjs/core/exceptions/exceptions-handler.js');
    const before = ExceptionsHandler.prototype.next;
    const first = await startApp('express', App);
    const second = await startApp('fastify', App);
    expect(ExceptionsHandler.prototype.next).not.toBe(before);
    await first.close();
    expect(ExceptionsHandler.prototype.next).not.toBe(before);
    await second.close();
    expect(ExceptionsHandler.prototype.next).toBe(before);
  });
});
