// Real: gateways on Socket.IO and on ws, their own clients, loopback sockets, the module. Faked: who connects (a header of
// the handshake, believed when the connection opens), the clock.
import type { IncomingMessage } from 'node:http';
import {
  Injectable,
  Module,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway, WsException } from '@nestjs/websockets';
import { afterEach, describe, expect, it } from '@jest/globals';
import { concat, NEVER, of } from 'rxjs';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import {
  Audit,
  CurrentCaller,
  HumanOnly,
  M2MOnly,
  MetricsCollector,
  RateLimit,
  TokenClaims,
  type Caller,
} from '../../src/index.js';
import { startApp, type RunningApp } from '../support/app.js';
import { machineClaims, personClaims } from '../support/header-auth.js';
import { NEST_MAJOR } from '../support/nest-version.js';
import { RecordedServices, type ServicesOptions } from '../support/recorded-services.js';

type Client = {
  data?: { user?: unknown };
  user?: unknown;
  handshake?: { headers: Record<string, string | undefined> };
};

/** As an application signs a connection in: once, when it opens. */
function signIn(client: Client, request: IncomingMessage | undefined): void {
  const headers = client.handshake?.headers ?? request!.headers;
  const { 'x-user': user, 'x-machine': machine } = headers as Record<string, string | undefined>;
  const principal =
    user !== undefined ? personClaims(user) : machine !== undefined ? machineClaims(machine) : undefined;
  if (client.handshake !== undefined) client.data!.user = principal;
  else client.user = principal;
}

@Injectable()
class SignedIn implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const client = context.switchToWs().getClient<Client>();
    if ((client.data?.user ?? client.user) === undefined) throw new WsException('sign in first');
    return true;
  }
}

@WebSocketGateway()
class ChatGateway {
  handleConnection(client: Client, request?: IncomingMessage): void {
    signIn(client, request);
  }
  @SubscribeMessage('say') @RateLimit({ maxRequests: 2 }) say(@MessageBody() text: unknown) {
    return { event: 'said', data: text };
  }
  @SubscribeMessage('free') free() {
    return { event: 'free', data: true };
  }
  @SubscribeMessage('person') @HumanOnly() person() {
    return { event: 'person', data: true };
  }
  @SubscribeMessage('machine') @M2MOnly() @UseGuards(SignedIn) machine() {
    return { event: 'machine', data: true };
  }
  @SubscribeMessage('no')
  @UseGuards(
    class No implements CanActivate {
      canActivate = () => false;
    },
  )
  no() {
    return { event: 'no', data: true };
  }
  @SubscribeMessage('who')
  who(
    @CurrentCaller() { kind, userId, clientId, transport, ip }: Caller,
    @TokenClaims('sub') sub: unknown,
    @ConnectedSocket() _client: unknown,
  ) {
    return { event: 'who', data: { kind, userId, clientId, transport, ip, sub } };
  }
  @SubscribeMessage('refund')
  @Audit({
    action: 'order.refund',
    metadata: (caller, { data }: { data: string }) => ({ order: data, by: caller.userId }),
  })
  refund(@MessageBody() id: string) {
    return { event: 'refund', data: id };
  }
  @SubscribeMessage('breaks') breaks(): never {
    throw new RangeError('out of range');
  }
  @SubscribeMessage('many') many() {
    return of({ event: 'many', data: 1 }, { event: 'many', data: 2 });
  }
  @SubscribeMessage('endless') endless() {
    return concat(of({ event: 'endless', data: 1 }), NEVER);
  }
}

/** One connection, in the same words for both protocols. */
interface Connection {
  /** Sends a message and resolves with the event that answers it. */
  send(event: string, data?: unknown): Promise<{ event: string; data: any }>; // oxlint-disable-line typescript/no-explicit-any
  close(): void;
}
type Connect = (url: string, headers?: Record<string, string>) => Promise<Connection>;

const connectSocketIo: Connect = async (url, headers = {}) => {
  const socket = io(url, { extraHeaders: headers, transports: ['websocket'], reconnection: false });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return {
    send: (event, data = {}) =>
      new Promise((resolve) => {
        socket.onAny((answer: string, body: unknown) => {
          socket.offAny();
          resolve({ event: answer, data: body });
        });
        socket.emit(event, data);
      }),
    close: () => void socket.disconnect(),
  };
};

const connectWs: Connect = async (url, headers = {}) => {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    send: (event, data = {}) =>
      new Promise((resolve) => {
        socket.once('message', (body: Buffer) => resolve(JSON.parse(body.toString()) as never));
        socket.send(JSON.stringify({ event, data }));
      }),
    close: () => socket.close(),
  };
};

const SERVERS: [string, (app: INestApplication) => unknown, Connect][] = [
  ['Socket.IO', (app) => new IoAdapter(app), connectSocketIo],
  ['ws', (app) => new WsAdapter(app), connectWs],
];

// Nest 11 hands what goes wrong to `client.emit()`, which with ws tells the server itself and nobody else.
const ANSWERING = NEST_MAJOR >= 12 ? SERVERS : SERVERS.filter(([name]) => name === 'Socket.IO');

describe.each(ANSWERING)('WebSockets by %s', (name, adapter, connect) => {
  let running: RunningApp;
  let services: RecordedServices;
  const open: Connection[] = [];
  afterEach(async () => {
    for (const connection of open.splice(0)) connection.close();
    await running.close();
  });

  async function start(options: ServicesOptions = {}, gateway: Type = ChatGateway) {
    services = new RecordedServices(options);
    @Module({ imports: [services.module], providers: [gateway] })
    class App {}
    running = await startApp('express', App, { configure: (app) => app.useWebSocketAdapter(adapter(app) as never) });
  }
  async function connected(headers: Record<string, string> = {}): Promise<Connection> {
    const connection = await connect(running.url, headers);
    open.push(connection);
    return connection;
  }
  /** The events of messages, without those of the requests that opened a connection. */
  const audited = (count: number) => services.audited(running.app, count, ({ method }) => method === undefined);

  it('counts each message of a connection, and refuses with an object that holds the code of HTTP', async () => {
    await start();
    const alice = await connected({ 'x-user': 'alice' });
    expect(await alice.send('say', 'one')).toEqual({ event: 'said', data: 'one' });
    expect(await alice.send('say', 'two')).toEqual({ event: 'said', data: 'two' });
    expect(await alice.send('say', 'three')).toEqual({
      event: 'exception',
      data: {
        status: 'error',
        code: 'rate_limited',
        message: 'Too many requests. Try again in 60 seconds.',
        retryAfterSeconds: 60,
      },
    });
    // By user, not by connection: a second one is no second quota, another user has their own.
    expect((await (await connected({ 'x-user': 'alice' })).send('say', 'four')).event).toBe('exception');
    expect((await (await connected({ 'x-user': 'bob' })).send('say', 'one')).event).toBe('said');
  });

  it.each([
    ['person', { 'x-machine': 'billing' }, 'human_only'],
    ['machine', { 'x-user': 'alice' }, 'm2m_only'],
    ['person', {}, 'unauthenticated'],
  ])('refuses %s to %j as %s', async (event, headers, code) => {
    await start();
    const refused = await (await connected(headers)).send(event);
    expect(refused).toMatchObject({ event: 'exception', data: { status: 'error', code } });
  });

  it('lets in whom a message is for', async () => {
    await start();
    expect((await (await connected({ 'x-user': 'alice' })).send('person')).event).toBe('person');
    expect((await (await connected({ 'x-machine': 'billing' })).send('machine')).event).toBe('machine');
  });

  it('never believes a user that the message itself brings', async () => {
    await start();
    const forged = { user: personClaims('admin'), data: { user: personClaims('admin') }, auth: personClaims('admin') };
    const nobody = await connected();
    expect((await nobody.send('who', forged)).data).toMatchObject({ kind: 'anonymous' });
    expect((await nobody.send('person', forged)).data).toMatchObject({ code: 'unauthenticated' });
  });

  it('tells a handler who is calling, and from where', async () => {
    await start();
    expect((await (await connected({ 'x-machine': 'billing' })).send('who')).data).toEqual({
      kind: 'm2m',
      clientId: 'billing',
      sub: 'billing',
      transport: 'ws',
      ip: '127.0.0.1',
    });
  });

  it('counts every message under globalRateLimit where Nest runs global guards on gateways: from 12 on', async () => {
    await start({ globalRateLimit: true, rateLimit: { default: { maxRequests: 2 } } });
    const alice = await connected({ 'x-user': 'alice' });
    expect((await alice.send('free')).event).toBe('free');
    expect((await alice.send('free')).event).toBe('free');
    const third = await alice.send('free');
    if (NEST_MAJOR >= 12) expect(third.data).toMatchObject({ code: 'rate_limited' });
    else expect(third.event).toBe('free');
  });

  it('leaves one audit event for each message, however it went', async () => {
    await start();
    const alice = await connected({ 'x-user': 'alice', 'user-agent': 'chat/1' });
    await alice.send('refund', '7');
    for (const event of ['machine', 'breaks', 'no', 'many', 'say', 'say', 'say']) await alice.send(event);
    await (await connected()).send('machine');
    const events = await audited(9);
    expect(events.map((event) => [event.route, event.eventType, event.outcome, event.reason])).toEqual([
      ['refund', 'request_success', 'success', undefined],
      ['machine', 'access_denied', 'denied', 'm2m_only'],
      ['breaks', 'request_exception', 'error', 'RangeError: out of range'],
      ['no', 'access_denied', 'denied', 'Forbidden resource'],
      ['many', 'request_success', 'success', undefined],
      ['say', 'request_success', 'success', undefined],
      ['say', 'request_success', 'success', undefined],
      ['say', 'request_error', 'denied', 'rate_limited'],
      ['machine', 'request_error', 'error', 'sign in first'],
    ]);
    expect(events[0]).toMatchObject({
      action: 'order.refund',
      metadata: { order: '7', by: 'alice' },
      userId: 'alice',
      isM2M: false,
      ipAddress: '127.0.0.1',
      durationMs: expect.any(Number),
      ...(name === 'Socket.IO' && { userAgent: 'chat/1' }),
    });
    expect(running.app.get(MetricsCollector).getMetrics().callers).toMatchObject({ human: 8 });
  });

  it('tells of a stream that its client left before its end', async () => {
    await start();
    const alice = await connected({ 'x-user': 'alice' });
    await alice.send('endless');
    alice.close();
    expect(await audited(1)).toMatchObject([
      { route: 'endless', eventType: 'request_aborted', outcome: 'aborted', userId: 'alice' },
    ]);
  });

  it('leaves only what is marked with auditRequests: false', async () => {
    await start({ auditRequests: false });
    const alice = await connected({ 'x-user': 'alice' });
    await alice.send('free');
    await alice.send('refund', '7');
    expect((await audited(1)).map(({ route }) => route)).toEqual(['refund']);
  });
});
