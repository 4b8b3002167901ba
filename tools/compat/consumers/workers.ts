// An application of which several processes answer on one port: docs/34-metrics-several-processes.md.
import 'reflect-metadata';
import { Controller, Get, Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthServicesModule, MetricsCollector, RateLimit, SharedMetrics } from 'nestjs-auth-services';

const { PORT, METRICS_DIRECTORY: directory = '', METRICS_TOKEN: token = '' } = process.env;

@Controller()
class Orders {
  @Get('orders')
  @RateLimit({ name: 'orders', maxRequests: 1_000_000, windowSeconds: 60 })
  orders() {
    return { worker: process.pid };
  }
}

@Global()
@Module({
  imports: [AuthServicesModule.forRoot({ audit: { sinks: [] }, metrics: { token }, metricsEndpoint: {} })],
  controllers: [Orders],
  providers: [
    {
      provide: SharedMetrics,
      inject: [MetricsCollector],
      useFactory: (collector: MetricsCollector) => new SharedMetrics(collector, { directory }),
    },
  ],
  exports: [SharedMetrics],
})
class App {}

async function main(): Promise<void> {
  const app = await NestFactory.create(App, { logger: ['error'] });
  app.enableShutdownHooks();
  await app.listen(Number(PORT), '127.0.0.1');
  process.send?.('ready');
}

void main();
