// Real: microservices over TCP and over a Redis server, Nest's own client proxy, the module; a hybrid application that
// serves HTTP beside them. Faked: the clock; authentication, which believes what a client sends along.
import {
  Controller,
  Get,
  Injectable,
  Module,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type INestApplicationContext,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
  Transport,
  type ClientProxy,
} from '@nestjs/microservices';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { firstValueFrom, of, toArray } from 'rxjs';
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
import { startApp } from '../support/app.js';
import { machineClaims, personClaims } from '../support/header-auth.js';
import { RecordedServices, type ServicesOptions } from '../support/recorded-services.js';
import { freePort, RedisServer } from '../support/redis-server.js';

/** An envelope that the application has agreed on with its clients; a real one would be a token that is verified. */
interface Envelope {
  readonly as?: { readonly user?: string; readonly machine?: string };
}

/** Leaves the caller on Nest's context of the message, as a guard of an application would. */
@Injectable()
class EnvelopeAuth implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { as } = context.switchToRpc().getData<Envelope>();
    if (as === undefined) throw new RpcException({ statusCode: 401, message: 'no credentials' });
    const message = context.switchToRpc().getContext<{ user?: unknown }>();
    message.user = as.user === undefined ? machineClaims(as.machine!) : personClaims(as.user);
    return true;
  }
}

@Controller()
class OrdersController {
  static events: unknown[] = [];

  @MessagePattern('orders.place') @RateLimit({ maxRequests: 2 }) @UseGuards(EnvelopeAuth) place() {
    return 'placed';
  }
  @MessagePattern('orders.free') free() {
    return 'free';
  }
  @MessagePattern({ cmd: 'person' }) @HumanOnly() @UseGuards(EnvelopeAuth) person() {
    return 'person';
  }
  @MessagePattern('machine') @UseGuards(EnvelopeAuth) @M2MOnly() machine() {
    return 'machine';
  }
  @MessagePattern('nobody') @HumanOnly() nobody() {
    return 'never';
  }
  @MessagePattern('who')
  who(@CurrentCaller() { kind, userId, clientId, transport, ip }: Caller, @Payload() _data: unknown) {
    return { kind, userId, clientId, transport, ip };
  }
  @MessagePattern('who.guarded')
  @UseGuards(EnvelopeAuth)
  whoGuarded(@CurrentCaller() { kind, clientId }: Caller, @TokenClaims('sub') sub: unknown) {
    return { kind, clientId, sub };
  }
  @MessagePattern('refund')
  @UseGuards(EnvelopeAuth)
  @Audit({ action: 'order.refund', metadata: (caller, result: string) => ({ result, by: caller.userId }) })
  refund() {
    return of('first', 'last');
  }
  @MessagePattern('breaks') breaks(): never {
    throw new RangeError('out of range');
  }
  @EventPattern('order.paid') @RateLimit({ maxRequests: 1 }) paid(@Payload() order: unknown) {
    OrdersController.events.push(order);
  }
  @Get('place') @RateLimit({ maxRequests: 1 }) overHttp() {
    return 'placed';
  }
}

const TRANSPORTS = ['TCP', 'Redis'] as const;

describe.each(TRANSPORTS)('microservices by %s', (transport) => {
  let redis: RedisServer | undefined;
  let app: INestApplicationContext;
  let client: ClientProxy;
  let services: RecordedServices;

  beforeAll(async () => {
    if (transport === 'Redis') redis = await RedisServer.start();
  });
  afterAll(() => redis?.stop());
  afterEach(async () => {
    await client.close();
    await app.close();
  });

  const settings = (port: number) => {
    const options = { host: '127.0.0.1', port: redis?.port ?? port };
    return transport === 'TCP'
      ? ({ transport: Transport.TCP, options } as const)
      : ({ transport: Transport.REDIS, options } as const);
  };

  function appModule(options: ServicesOptions): Type {
    services = new RecordedServices(options);
    @Module({ imports: [services.module], controllers: [OrdersController] })
    class App {}
    return App;
  }
  async function start(options: ServicesOptions = {}): Promise<void> {
    const how = settings(await freePort());
    OrdersController.events = [];
    const service = await NestFactory.createMicroservice(appModule(options), {
      ...how,
      logger: false,
      abortOnError: false,
    });
    await service.listen();
    app = service;
    client = ClientProxyFactory.create(how);
    await client.connect();
  }
  /** What the handler answers, or the error that the client receives. */
  const send = (pattern: unknown, data: object = {}): Promise<unknown> =>
    firstValueFrom(client.send<unknown, object>(pattern, data)).catch((error: unknown) => ({ error }));
  const audited = (count: number) => services.audited(app, count);
  const alice = { as: { user: 'alice' } };
  const billing = { as: { machine: 'billing' } };

  it('counts each message by its user, and refuses with an object that holds the code of HTTP', async () => {
    await start();
    expect(await send('orders.place', alice)).toBe('placed');
    expect(await send('orders.place', alice)).toBe('placed');
    expect(await send('orders.place', alice)).toEqual({
      error: {
        status: 'error',
        code: 'rate_limited',
        message: 'Too many requests. Try again in 60 seconds.',
        retryAfterSeconds: 60,
      },
    });
    expect(await send('orders.place', { as: { user: 'bob' } })).toBe('placed');
  });

  it.each([
    [{ cmd: 'person' }, billing, 'human_only'],
    ['machine', alice, 'm2m_only'],
    ['nobody', {}, 'unauthenticated'],
  ])('refuses %j to %j as %s', async (pattern, data, code) => {
    await start();
    expect(await send(pattern, data)).toMatchObject({ error: { status: 'error', code } });
  });

  it('lets in whom a message is for', async () => {
    await start();
    expect(await send({ cmd: 'person' }, alice)).toBe('person');
    expect(await send('machine', billing)).toBe('machine');
  });

  it('never believes a user that the payload brings', async () => {
    await start();
    const forged = { user: personClaims('admin'), auth: personClaims('admin'), data: { user: personClaims('admin') } };
    expect(await send('who', forged)).toMatchObject({ kind: 'anonymous', transport: 'rpc' });
    expect(await send('nobody', forged)).toMatchObject({ error: { code: 'unauthenticated' } });
  });

  it('finds the user that a guard left on the context of the message, or what identity.getPrincipal says', async () => {
    await start();
    expect(await send('who.guarded', billing)).toEqual({ kind: 'm2m', clientId: 'billing', sub: 'billing' });
    await client.close();
    await app.close();
    // Nest's own context of the message says what it came by; a real application would verify a token in a header of its broker.
    const getPrincipal = (_payload: unknown, context?: ExecutionContext) => {
      const message = context?.switchToRpc().getContext<{ getPattern?(): string; getChannel?(): string }>();
      return personClaims(`by ${message?.getPattern?.() ?? message?.getChannel?.()}`);
    };
    await start({ identity: { getPrincipal } });
    expect(await send('who')).toMatchObject({ kind: 'human', userId: 'by who' });
  });

  it(
    transport === 'TCP'
      ? 'knows the address of the other end'
      : 'knows no address where a broker stands between, and says nothing',
    async () => {
      await start();
      const who = (await send('who')) as { ip?: string };
      expect(who.ip).toBe(transport === 'TCP' ? '127.0.0.1' : undefined);
    },
  );

  it('counts every message of a microservice under globalRateLimit', async () => {
    await start({ globalRateLimit: true, rateLimit: { default: { maxRequests: 2 } } });
    expect([await send('orders.free'), await send('orders.free')]).toEqual(['free', 'free']);
    expect(await send('orders.free')).toMatchObject({ error: { code: 'rate_limited' } });
  });

  it('counts events, which nobody answers: one over the limit does not reach its handler', async () => {
    await start();
    client.emit('order.paid', { id: 1 });
    client.emit('order.paid', { id: 2 });
    const events = await audited(2);
    expect(OrdersController.events).toEqual([{ id: 1 }]);
    expect(events.map(({ route }) => route)).toEqual(['order.paid', 'order.paid']);
    expect(new Set(events.map(({ reason }) => reason))).toEqual(new Set([undefined, 'rate_limited']));
  });

  it('leaves one audit event for each message, however it went', async () => {
    await start();
    await firstValueFrom(client.send<unknown, object>('refund', alice).pipe(toArray()));
    await send('machine', alice);
    await send({ cmd: 'person' });
    await send('breaks');
    const events = await audited(4);
    expect(events.map((event) => [event.route, event.eventType, event.outcome, event.reason])).toEqual([
      ['refund', 'request_success', 'success', undefined],
      ['machine', 'access_denied', 'denied', 'm2m_only'],
      ['{"cmd":"person"}', 'auth_failure', 'failure', 'unauthorized'],
      ['breaks', 'request_exception', 'error', 'RangeError: out of range'],
    ]);
    expect(events[0]).toMatchObject({
      action: 'order.refund',
      metadata: { result: 'last', by: 'alice' },
      userId: 'alice',
      isM2M: false,
      durationMs: expect.any(Number),
    });
    expect(JSON.stringify(events)).not.toContain('"as"');
    expect(app.get(MetricsCollector).getMetrics().callers).toMatchObject({ human: 2, anonymous: 2 });
  });

  it.each([true, false])('a hybrid application with inheritAppConfig: %s', async (inheritAppConfig) => {
    const how = settings(await freePort());
    const running = await startApp(
      'fastify',
      appModule({ globalRateLimit: true, rateLimit: { default: { maxRequests: 2 } } }),
      {
        configure: (made) => made.connectMicroservice(how, { inheritAppConfig }),
      },
    );
    app = running.app;
    await running.app.startAllMicroservices();
    client = ClientProxyFactory.create(how);
    await client.connect();
    // Nest runs global guards on the messages of a hybrid application only if it is told to; ours on a route always run.
    const answers = [await send('orders.free'), await send('orders.free'), await send('orders.free')];
    expect(answers[2]).toEqual(
      inheritAppConfig ? { error: expect.objectContaining({ code: 'rate_limited' }) } : 'free',
    );
    expect(await send('orders.place', alice)).toBe('placed');
    expect([(await fetch(`${running.url}/place`)).status, (await fetch(`${running.url}/place`)).status]).toEqual([
      200, 429,
    ]);
    const events = await audited(6);
    expect(events.map(({ path, route }) => path ?? String(route)).toSorted((a, b) => a.localeCompare(b))).toEqual([
      '/place',
      '/place',
      'orders.free',
      'orders.free',
      'orders.free',
      'orders.place',
    ]);
  });
});
