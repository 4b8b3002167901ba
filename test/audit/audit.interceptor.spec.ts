// Real: small applications on both frameworks and real sockets, the entrance and the record of requests, the decorators.
// Faked: authentication (a header), the detector; the messages of a WebSocket, which need no server to be judged.
import {
  Controller,
  Get,
  Module,
  Param,
  Post,
  Sse,
  UseGuards,
  UseInterceptors,
  type CanActivate,
  type ExecutionContext,
  type MessageEvent,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { describe, expect, it } from '@jest/globals';
import { concat, lastValueFrom, of, throwError, type Observable } from 'rxjs';
import { AuditLogger } from '../../src/audit/audit-logger.js';
import { Durability } from '../../src/audit/durability.js';
import { RequestEvents } from '../../src/audit/request-events.js';
import { AuditRecorder } from '../../src/audit/audit-recorder.js';
import { Audit } from '../../src/audit/audit.decorator.js';
import { AuditInterceptor } from '../../src/audit/audit.interceptor.js';
import { SkipAudit } from '../../src/audit/skip-audit.decorator.js';
import { AuthEvents } from '../../src/events/auth-events.js';
import { Callers } from '../../src/request/callers.js';
import { HttpEntrance } from '../../src/request/http-entrance.js';
import { recordOf } from '../../src/request/call-record.js';
import { RecordingAuditSink } from '../../src/testing/recording-audit-sink.js';
import { ADAPTERS, startApp, type Adapter, type RunningApp } from '../support/app.js';

class HeaderAuth implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: unknown }>();
    const id = request.headers['x-user'];
    if (id === undefined) return false;
    request.user = { id };
    return true;
  }
}

@Controller('orders')
@UseGuards(HeaderAuth)
class OrdersController {
  @Audit({
    action: 'order.refund',
    metadata: (caller, order: { id: string }) => ({ order: order.id, by: caller.userId }),
  })
  @Post(':id/refund')
  refund(@Param('id') id: string) {
    return { id };
  }
  @Audit({
    metadata: () => {
      throw new Error('mistake');
    },
  })
  @Get('mistake')
  mistake() {
    return 'fine';
  }
  @Audit({ metadata: (async () => ({ late: true })) as never })
  @Get('promise')
  promise() {
    return 'fine';
  }
  @Audit({ action: 'values', metadata: (_caller, last: unknown) => ({ last }) })
  @Get('values')
  values() {
    return of(1, 2, 3);
  }
  @Audit({ action: 'sse', metadata: (_caller, last: MessageEvent) => ({ last: last.data }) })
  @Sse('sse')
  sse(): Observable<MessageEvent> {
    return of({ data: 'one' }, { data: 'two' });
  }
  @Audit({ metadata: () => ({ never: true }) })
  @Get('fails')
  fails() {
    return concat(
      of(1),
      throwError(() => new RangeError('midway')),
    );
  }
  @SkipAudit()
  @Get('poll')
  poll() {
    return 'quiet';
  }
  @Get('plain')
  plain() {
    return 'plain';
  }
}

@Controller('watched')
@UseInterceptors(AuditInterceptor)
class WatchedController {
  @Get('any')
  any() {
    return 'any';
  }
  @Audit({ action: 'twice' })
  @Get('twice')
  twice() {
    return 'twice';
  }
}

const classifier = { classify: () => ({ kind: 'unknown', clientId: null, subject: null }) as const };

async function start(
  adapter: Adapter,
  auditRequests = true,
): Promise<RunningApp & { sink: RecordingAuditSink; logger: AuditLogger }> {
  const sink = new RecordingAuditSink();
  const events = new AuthEvents();
  const logger = new AuditLogger({ sinks: [sink] });
  const callers = new Callers({ getKind: () => 'human' }, classifier);
  const requestEvents = new RequestEvents((where) => logger.noteError(where), callers);
  events.subscribe(new AuditRecorder(logger, requestEvents, {}, { auditRequests }).record);
  const entrance = {
    provide: 'entrance',
    inject: [HttpAdapterHost],
    useFactory: ({ httpAdapter }: HttpAdapterHost) =>
      new HttpEntrance(httpAdapter, {
        ended: (record, statusCode, aborted) =>
          events.publish({
            type: 'request.ended',
            record,
            statusCode,
            aborted,
            durationMs: performance.now() - record.startedAt,
          }),
      }),
  };
  @Module({
    controllers: [OrdersController, WatchedController],
    providers: [
      { provide: AuditLogger, useValue: logger },
      { provide: Callers, useValue: callers },
      { provide: Durability, useValue: new Durability(logger, requestEvents) },
      entrance,
    ],
  })
  class App {}
  const running = await startApp(adapter, App as Type);
  const close = async (): Promise<void> => {
    running.app.get<HttpEntrance>('entrance').close();
    await running.close();
    await logger.close();
  };
  return { ...running, close, sink, logger };
}

describe.each(ADAPTERS)('AuditInterceptor on %s', (adapter) => {
  async function ask(path: string, method = 'GET', auditRequests = true): Promise<Awaited<ReturnType<typeof start>>> {
    const app = await start(adapter, auditRequests);
    await (await fetch(app.url + path, { method, headers: { 'x-user': 'ann' } })).text();
    // Then another, so that a second event of the first would have had its time.
    await (await fetch(`${app.url}/watched/any`)).text();
    await app.sink.waitFor('request_success', { path: '/watched/any' });
    await app.close();
    return app;
  }
  const first = async (path: string, method?: string, auditRequests?: boolean) => {
    const { sink, logger } = await ask(path, method, auditRequests);
    expect(sink.events.filter((event) => event.path === path)).toHaveLength(1);
    return { event: sink.events.find((event) => event.path === path)!, errors: logger.status.errors };
  };

  it('adds the action and the metadata of @Audit to the one event of the request', async () => {
    const { event } = await first('/orders/7/refund', 'POST');
    expect(event).toMatchObject({
      eventType: 'request_success',
      outcome: 'success',
      statusCode: 201,
      method: 'POST',
      route: '/orders/:id/refund',
      action: 'order.refund',
      userId: 'ann',
      isM2M: false,
      metadata: { order: '7', by: 'ann' },
    });
  });

  it.each(['mistake', 'promise'])(
    'writes the event, and answers the request, when metadata makes a mistake: %s',
    async (route) => {
      const { event, errors } = await first(`/orders/${route}`);
      expect(event).toMatchObject({ statusCode: 200, action: `OrdersController.${route}` });
      expect(event).not.toHaveProperty('metadata');
      expect(errors).toEqual({ metadata: 1 });
    },
  );

  it.each([
    ['values', 3],
    ['sse', 'two'],
  ])('writes one event for an Observable of many values: %s', async (route, last) => {
    expect((await first(`/orders/${route}`)).event).toMatchObject({ action: route, metadata: { last } });
  });

  it('notes what the handler threw, and asks for no metadata of a result there is not', async () => {
    const { event } = await first('/orders/fails');
    expect(event).toMatchObject({ eventType: 'request_exception', statusCode: 500, reason: 'RangeError: midway' });
    expect(event).not.toHaveProperty('metadata');
  });

  it('leaves no event of a route with @SkipAudit that went well', async () => {
    const { sink } = await ask('/orders/poll');
    expect(sink.events.filter(({ path }) => path === '/orders/poll')).toHaveLength(0);
  });

  it('writes only what is marked where requests are not to be audited', async () => {
    expect((await ask('/orders/plain', 'GET', false)).sink.events.map(({ path }) => path)).toEqual(['/watched/any']);
    expect((await first('/watched/twice', 'GET', false)).event).toMatchObject({ action: 'twice' });
  });

  it('leaves the event of a request that a guard refused, which no interceptor sees', async () => {
    const app = await start(adapter);
    await (await fetch(`${app.url}/orders/7/refund`, { method: 'POST' })).text();
    const event = await app.sink.waitFor('access_denied', { path: '/orders/7/refund' });
    expect(event).toMatchObject({ statusCode: 403, reason: 'Forbidden resource' });
    expect(event).not.toHaveProperty('userId');
    await app.close();
  });
});

describe('AuditInterceptor where no response ends', () => {
  const client = { user: { id: 'ann' } };
  function messageContext(handler: Function): ExecutionContext {
    const context = new ExecutionContextHost([client, {}], OrdersController, handler);
    context.setType('ws');
    return context;
  }
  async function settle(handler: Function, handled: Observable<unknown>) {
    const sink = new RecordingAuditSink();
    const logger = new AuditLogger({ sinks: [sink] });
    const callers = new Callers({ getKind: () => 'human' }, classifier);
    const durability = new Durability(logger, new RequestEvents(() => undefined, callers));
    const interceptor = new AuditInterceptor(logger, callers, durability);
    const context = messageContext(handler);
    await lastValueFrom(
      interceptor.intercept(context, { handle: () => interceptor.intercept(context, { handle: () => handled }) }),
    ).catch(() => undefined);
    await logger.close();
    return { record: recordOf(context), events: sink.events };
  }
  const [refund, fails] = (['refund', 'fails'] as const).map(
    (name) => Object.getOwnPropertyDescriptor(OrdersController.prototype, name)!.value as Function,
  ) as [Function, Function];

  it('adds action and metadata to the event of the message, which is told by whoever sees its end', async () => {
    const { record, events } = await settle(refund, of({ id: '1' }, { id: '2' }));
    expect(record.audit).toEqual({ action: 'order.refund', metadata: { order: '2', by: 'ann' } });
    expect(events).toEqual([]);
  });

  it('notes what the handler of a message threw', async () => {
    const { record } = await settle(
      fails,
      throwError(() => new RangeError('midway')),
    );
    expect(record).toMatchObject({ thrown: true, exception: new RangeError('midway') });
  });
});

describe('@Audit', () => {
  it.each<[object, RegExp]>([
    [{ durability: 'strict' }, /@Audit\(\)\.durability must be .*buffered.*durable.*intent/],
    [{ metadata: {} }, /@Audit\(\)\.metadata must be a function/],
    [{ actoin: 'x' }, /Did you mean "action"/],
  ])('refuses %j when the class is loaded', (options, message) => {
    expect(() => Audit(options as never)).toThrow(message);
  });
});
