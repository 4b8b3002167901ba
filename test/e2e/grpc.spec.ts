// Real: a gRPC server of Nest's, the client of grpc-js, the module. Faked: authentication, which believes the metadata
// that a client sends along; the clock.
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { Controller, Module, type ExecutionContext, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GrpcMethod, GrpcStreamCall, GrpcStreamMethod, Transport } from '@nestjs/microservices';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { map, of, toArray, type Observable } from 'rxjs';
import {
  AuthServicesModule,
  CurrentCaller,
  HumanOnly,
  M2MOnly,
  OptionsError,
  RateLimit,
  type AuthServicesExtras,
  type Caller,
  type RateLimitStorage,
} from '../../src/index.js';
import { machineClaims, personClaims } from '../support/header-auth.js';
import { RecordedServices } from '../support/recorded-services.js';
import { freePort } from '../support/redis-server.js';

interface Order {
  readonly id: string;
}

@Controller()
class OrdersController {
  @GrpcMethod('Orders', 'Place') @RateLimit({ maxRequests: 2 }) place(order: Order) {
    return order;
  }
  @GrpcMethod('Orders', 'Person') @HumanOnly() person(order: Order) {
    return order;
  }
  @GrpcMethod('Orders', 'Machine') @M2MOnly() machine(order: Order) {
    return order;
  }
  @GrpcMethod('Orders', 'Closed') @RateLimit('closed') closed(order: Order) {
    return order;
  }
  @GrpcMethod('Orders', 'Who') who(_order: Order, @CurrentCaller() caller: Caller) {
    const { kind, userId, ip, transport } = caller;
    return { kind, userId, ip, transport };
  }
  @GrpcMethod('Orders', 'Watch') @RateLimit({ maxRequests: 1 }) watch() {
    return of({ id: '1' }, { id: '2' });
  }
  @GrpcStreamMethod('Orders', 'Sum') @RateLimit({ maxRequests: 1 }) sum(orders: Observable<Order>) {
    return orders.pipe(
      toArray(),
      map((all) => ({ id: all.map(({ id }) => id).join('+') })),
    );
  }
}

/** The store of the closed policy is away: every call of it fails. */
const awayStorage = new Proxy({} as RateLimitStorage, {
  get: (_target, name) => {
    if (name === 'shared') return true;
    return () => (name === 'close' ? Promise.resolve() : Promise.reject(new Error('connection refused')));
  },
});

type Client = grpc.Client & Record<string, (...args: unknown[]) => grpc.ClientReadableStream<Order>>;
interface Answer {
  readonly value?: unknown;
  readonly error?: grpc.ServiceError;
}

const PROTO = join(import.meta.dirname, 'orders.proto');

describe('gRPC', () => {
  let service: INestMicroservice;
  let client: Client;
  let services: RecordedServices;

  async function start(storage?: RateLimitStorage): Promise<void> {
    services = new RecordedServices({
      rateLimit: { policies: { closed: { maxRequests: 1, onStoreFailure: 'closed' } }, storage },
      identity: {
        // Whoever answers has verified it; here the metadata is believed.
        getPrincipal: (_payload: unknown, context?: ExecutionContext) => {
          const metadata = context!.switchToRpc().getContext<grpc.Metadata>();
          const [user] = metadata.get('x-user');
          const [machine] = metadata.get('x-machine');
          return user ? personClaims(String(user)) : machine && machineClaims(String(machine));
        },
      },
    });
    const url = `127.0.0.1:${await freePort()}`;
    @Module({ imports: [services.module], controllers: [OrdersController] })
    class App {}
    service = await NestFactory.createMicroservice(App, {
      transport: Transport.GRPC,
      options: { package: 'orders', protoPath: PROTO, url },
      logger: false,
      abortOnError: false,
    });
    await service.listen();
    const { orders } = grpc.loadPackageDefinition(loadSync(PROTO)) as unknown as {
      orders: { Orders: new (url: string, credentials: grpc.ChannelCredentials) => Client };
    };
    client = new orders.Orders(url, grpc.credentials.createInsecure());
  }
  beforeEach(() => start());
  afterEach(async () => {
    client.close();
    await service.close();
  });

  const metadata = (headers: Record<string, string>): grpc.Metadata => {
    const made = new grpc.Metadata();
    for (const [key, value] of Object.entries(headers)) made.set(key, value);
    return made;
  };
  const call = (method: string, order: object, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve) => {
      client[method]!(order, metadata(headers), (error: grpc.ServiceError | null, value: unknown) =>
        resolve(error === null ? { value } : { error }),
      );
    });
  /** What a stream brings, and how it ends. */
  const read = (stream: grpc.ClientReadableStream<Order>): Promise<Answer> =>
    new Promise((resolve) => {
      const value: string[] = [];
      stream.on('data', ({ id }: Order) => value.push(id));
      stream.on('end', () => resolve({ value }));
      stream.on('error', (error: grpc.ServiceError) => resolve({ error }));
    });

  it('counts each call, and refuses as RESOURCE_EXHAUSTED, with code and waiting time in the metadata', async () => {
    const alice = { 'x-user': 'alice' };
    for (const id of ['1', '2']) expect((await call('Place', { id }, alice)).value).toMatchObject({ id });
    const { error } = await call('Place', { id: '3' }, alice);
    expect(error).toMatchObject({
      code: grpc.status.RESOURCE_EXHAUSTED,
      details: 'Too many requests. Try again in 60 seconds.',
    });
    expect(error!.metadata.get('code')).toEqual(['rate_limited']);
    expect(error!.metadata.get('retry-after')).toEqual(['60']);
    expect((await call('Place', { id: '1' }, { 'x-user': 'bob' })).error).toBeUndefined();
  });

  it.each([
    ['Person', { 'x-machine': 'billing' }, grpc.status.PERMISSION_DENIED, 'human_only'],
    ['Machine', { 'x-user': 'alice' }, grpc.status.PERMISSION_DENIED, 'm2m_only'],
    ['Person', {}, grpc.status.UNAUTHENTICATED, 'unauthenticated'],
  ])('refuses %s to %j with the status that gRPC has for it', async (method, headers, code, said) => {
    const { error } = await call(method, { id: '1', user: 'admin' }, headers);
    expect(error).toMatchObject({ code });
    expect(error!.metadata.get('code')).toEqual([said]);
  });

  it('refuses as UNAVAILABLE where the counts cannot be had and the policy is closed', async () => {
    client.close();
    await service.close();
    await start(awayStorage);
    const { error } = await call('Closed', { id: '1' }, { 'x-user': 'alice' });
    expect(error).toMatchObject({ code: grpc.status.UNAVAILABLE });
    expect(error!.metadata.get('code')).toEqual(['rate_limit_unavailable']);
  });

  it('lets in whom a call is for, and tells the handler who it is and from where', async () => {
    expect((await call('Person', { id: '1' }, { 'x-user': 'alice' })).value).toMatchObject({ id: '1' });
    expect((await call('Machine', { id: '1' }, { 'x-machine': 'billing' })).value).toMatchObject({ id: '1' });
    expect((await call('Who', { user: 'admin' }, { 'x-user': 'alice' })).value).toMatchObject({
      kind: 'human',
      userId: 'alice',
      ip: '127.0.0.1',
      transport: 'rpc',
    });
    expect((await call('Who', { user: 'admin' })).value).toMatchObject({ kind: 'anonymous' });
  });

  it('holds streams to it as well, once for each stream, whichever side streams', async () => {
    const watch = () => read(client['Watch']!({ id: '1' }, metadata({ 'x-user': 'alice' })));
    expect((await watch()).value).toEqual(['1', '2']);
    expect((await watch()).error).toMatchObject({ code: grpc.status.RESOURCE_EXHAUSTED });

    const sum = (): Promise<Answer> =>
      new Promise((resolve) => {
        const stream = (client['Sum'] as unknown as (...args: unknown[]) => grpc.ClientWritableStream<Order>).call(
          client,
          metadata({ 'x-user': 'alice' }),
          (error: grpc.ServiceError | null, value: unknown) => resolve(error === null ? { value } : { error }),
        );
        for (const id of ['1', '2', '3']) stream.write({ id });
        stream.end();
      });
    expect((await sum()).value).toMatchObject({ id: '1+2+3' });
    expect((await sum()).error).toMatchObject({ code: grpc.status.RESOURCE_EXHAUSTED });
  });

  it('leaves one audit event for each call, streams included', async () => {
    await call('Place', { id: '1' }, { 'x-user': 'alice' });
    await call('Person', { id: '1' }, { 'x-machine': 'billing' });
    await call('Person', { id: '1' });
    await read(client['Watch']!({ id: '1' }, metadata({ 'x-user': 'alice' })));
    const events = await services.audited(service, 4);
    expect(events.map(({ route, eventType, reason, userId }) => [route, eventType, reason, userId])).toEqual([
      ['Orders/Place', 'request_success', undefined, 'alice'],
      ['Orders/Person', 'access_denied', 'human_only', undefined],
      ['Orders/Person', 'auth_failure', 'unauthenticated', undefined],
      ['Orders/Watch', 'request_success', undefined, 'alice'],
    ]);
    expect(events[0]).toMatchObject({ ipAddress: '127.0.0.1', durationMs: expect.any(Number) });
  });

  it.each<[string, () => MethodDecorator, AuthServicesExtras]>([
    ['@HumanOnly()', HumanOnly, {}],
    ['@M2MOnly()', M2MOnly, {}],
    ['@RateLimit()', RateLimit, {}],
    ['globalRateLimit', () => () => undefined, { globalRateLimit: true }],
  ])('refuses to start with %s on a stream that is handed through whole', async (name, decorator, extras) => {
    // Nest lets what a guard throws there fall: nobody is told, and the process ends of it.
    @Controller()
    class Chat {
      @GrpcStreamCall('Orders', 'Chat') @decorator() chat() {}
    }
    @Module({
      imports: [AuthServicesModule.forRoot({ audit: { logToConsole: false }, ...extras })],
      controllers: [Chat],
    })
    class App {}
    const starting = NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
    await expect(starting).rejects.toThrow(OptionsError);
    await expect(starting).rejects.toThrow(`${name} on Chat.chat cannot refuse: `);
  });
});
