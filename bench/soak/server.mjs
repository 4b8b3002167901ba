// The application under soak, in a process of its own: tokens, a limit in Redis, the audit trail in a signed file chain that
// rotates, metrics. It tells its parent where it listens, what it weighs, and everything that went wrong in it.
import 'reflect-metadata';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Redis } from 'ioredis';
import { AuditLogger, AuthEvents, AuthServicesModule, FileAuditSink, RateLimit } from '../../dist/esm/index.js';
import { JwtAuthModule } from '../../dist/esm/jwt/index.js';
import { RedisRateLimitStorage } from '../../dist/esm/redis/index.js';
import { Admissions } from './admissions.mjs';

const settings = JSON.parse(process.env.SOAK);
const { audience, audit, deadlineMs, issuers, limit, maxCachedTokens, maxKeys, redisPort, watched } = settings;

const faults = [];
process.on('unhandledRejection', (reason) => faults.push(`unhandled rejection: ${String(reason?.stack ?? reason)}`));
process.on('warning', (warning) => faults.push(`warning: ${warning.name}: ${warning.message}`));

const redis = new Redis({
  host: '127.0.0.1',
  port: redisPort,
  enableOfflineQueue: false,
  retryStrategy: (times) => Math.min(times * 50, 500),
});
redis.on('error', () => undefined);

class OrdersController {
  orders() {
    return 'ok';
  }
}
const descriptor = Object.getOwnPropertyDescriptor(OrdersController.prototype, 'orders');
for (const decorate of [Get('orders'), RateLimit('orders')]) decorate(OrdersController.prototype, 'orders', descriptor);
Controller()(OrdersController);

class AppModule {}
Module({
  imports: [
    AuthServicesModule.forRoot({
      rateLimit: { storage: new RedisRateLimitStorage(redis, { deadlineMs }), policies: { orders: limit }, maxKeys },
      audit: { sinks: [new FileAuditSink(audit)] },
      metrics: { allowAnonymous: true },
      metricsEndpoint: {},
    }),
    JwtAuthModule.forRoot({
      isGlobal: true,
      cache: { maxTokens: maxCachedTokens },
      issuers: issuers.map((issuer) => ({ ...issuer, audience })),
    }),
  ],
  controllers: [OrdersController],
})(AppModule);

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error', 'fatal'] });
app.enableShutdownHooks();
const lag = monitorEventLoopDelay({ resolution: 10 });
lag.enable();
const decided = { store: 0, 'deny-cache': 0, 'local-fallback': 0 };
const admissions = new Admissions(watched);
let outages = 0;
app.get(AuthEvents).subscribe((event) => {
  if (event.type === 'store.state' && event.state === 'down') outages++;
  if (event.type !== 'rate_limit.decided') return;
  decided[event.source]++;
  if (event.allowed) admissions.add(event.source, event.identity);
});
await app.listen(0, '127.0.0.1');
process.send({ port: app.getHttpServer().address().port });

const mebibytes = (bytes) => Math.round(bytes / 2 ** 18) / 4;
process.on('message', () => {
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  const { queued, dropped, state } = app.get(AuditLogger).status;
  process.send({
    heldMiB: mebibytes(heapUsed + external),
    rssMiB: mebibytes(rss),
    queued,
    dropped,
    auditState: state,
    decided,
    outages,
    fullest: {
      // The server decides up to a deadline, and as much as this process lagged, before we hear of it.
      store: admissions.fullestWindow('store', limit.windowSeconds * 1000 - deadlineMs - lag.max / 1e6),
      local: admissions.fullestWindow('local-fallback', limit.windowSeconds * 1000 - 1),
    },
    faults,
  });
});
