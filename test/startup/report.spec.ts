// Real: the module and its report, Nest's logger with a sink of ours, gateways and resolvers as classes. Faked: nothing.
import { Controller, Get, Logger, Module, Post, UseGuards, type CanActivate, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Query, ResolveField, Resolver } from '@nestjs/graphql';
import { EventPattern, GrpcMethod, MessagePattern } from '@nestjs/microservices';
import { AuthGuard } from '@nestjs/passport';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Audit,
  AuthServicesModule,
  HumanOnly,
  M2MOnly,
  RateLimit,
  SkipAudit,
  SkipRateLimit,
  type AuthServicesExtras,
  type AuthServicesOptions,
} from '../../src/index.js';

class JwtGuard extends AuthGuard('jwt') {}
class RolesGuard implements CanActivate {
  canActivate = () => true;
}

@Controller('orders')
class OrdersController {
  @Get() all() {}
  @Get(':id') @UseGuards(JwtGuard) @RateLimit(['reports', { maxRequests: 5, windowSeconds: 1, shadow: true }]) one() {}
  @Post() @HumanOnly() @UseGuards(JwtGuard, RolesGuard) @Audit({ action: 'order.place' }) place() {}
  @Post('sync')
  @M2MOnly({ clientIds: ['billing', 'shop'], scopes: ['orders/write'] })
  @RateLimit({ maxRequests: 10, algorithm: 'fixed-window', identifier: 'ip', m2m: { maxRequests: 100 } })
  sync() {}
  @Get('poll') @SkipAudit() @SkipRateLimit() poll() {}
}
@WebSocketGateway()
class ChatGateway {
  @SubscribeMessage('say') @RateLimit({ maxRequests: 2 }) say() {}
}
@Controller()
class MessagesController {
  @MessagePattern({ cmd: 'place' }) @M2MOnly() place() {}
  @EventPattern('order.paid') paid(_order: unknown) {}
  @GrpcMethod('Orders', 'Find') @HumanOnly() find(_order: unknown) {}
}
@Resolver('Order')
class OrdersResolver {
  @Query(() => String) @HumanOnly() orders() {
    return '';
  }
  @ResolveField('price') @RateLimit({ maxRequests: 3 }) priceOf() {}
}

describe('the report at start', () => {
  afterEach(() => Logger.overrideLogger(undefined as never));

  async function debugLines(options: AuthServicesOptions & AuthServicesExtras): Promise<string[]> {
    const lines: string[] = [];
    const note = (message: string) => void lines.push(message);
    const logger = { log() {}, error() {}, warn() {}, debug: note } as unknown as LoggerService;
    @Module({
      imports: [
        AuthServicesModule.forRoot({
          audit: { logToConsole: false },
          ...options,
          rateLimit: { policies: { reports: { maxRequests: 50 } }, ...options.rateLimit },
        }),
      ],
      controllers: [OrdersController, MessagesController],
      providers: [ChatGateway, OrdersResolver],
    })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger });
    await app.close();
    return lines.filter((line) => line.startsWith('what holds where'));
  }
  const rowsOf = (report: string) => report.split('\n').map((line) => line.split(/ {2,}/));

  it('says of each route and message who may call it, what limits it and what the audit trail has', async () => {
    const [report] = await debugLines({});
    expect(rowsOf(report!).filter((row) => row.length > 1)).toEqual([
      ['called', 'handler', 'who', 'limits', 'audit'],
      ['GET /orders', 'OrdersController.all', 'anybody', '-', 'yes'],
      [
        'GET /orders/:id',
        'OrdersController.one',
        'whom JwtGuard lets in',
        'reports 50/60s by caller; default 5/1s by caller, in shadow',
        'yes',
      ],
      ['POST /orders', 'OrdersController.place', 'people', '-', 'order.place'],
      [
        'POST /orders/sync',
        'OrdersController.sync',
        'machines, one of billing, shop, with orders/write',
        'default 10/60s (fixed-window) by ip, machines 100/60s (fixed-window)',
        'yes',
      ],
      ['GET /orders/poll', 'OrdersController.poll', 'anybody', '-', 'refusals and failures'],
      ['pattern {"cmd":"place"}', 'MessagesController.place', 'machines', '-', 'yes'],
      ['pattern order.paid', 'MessagesController.paid', 'anybody', '-', 'yes'],
      ['pattern Orders/Find', 'MessagesController.find', 'people', '-', 'yes'],
      ['message say', 'ChatGateway.say', 'anybody', 'default 2/60s by caller', 'yes'],
      ['Query.orders', 'OrdersResolver.orders', 'people', '-', 'yes'],
      ['Order.price', 'OrdersResolver.priceOf', 'anybody', 'default 3/60s by caller', 'yes'],
    ]);
  });

  it('says what holds for all of them: the floor, the global limit, an audit trail of marked routes only', async () => {
    const [report] = await debugLines({
      globalRateLimit: true,
      auditRequests: false,
      rateLimit: { default: { maxRequests: 7 }, perIp: { maxRequests: 300, windowSeconds: 60 } },
    });
    expect(report).toContain('before everything, on HTTP: 300/60s by ip (rateLimit.perIp)');
    const rows = rowsOf(report!);
    expect(rows.find(([name]) => name === 'GET /orders')).toEqual([
      'GET /orders',
      'OrdersController.all',
      'anybody',
      'default 7/60s by caller',
      '-',
    ]);
    expect(rows.find(([name]) => name === 'GET /orders/poll')!.slice(3)).toEqual(['-', 'refusals and failures']);
  });

  it('is one message, so that a log collector keeps it together', async () => {
    expect(await debugLines({})).toHaveLength(1);
  });
});
