import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import type { INestApplication, LoggerService, Type, DynamicModule } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';

export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

export interface AppOptions {
  readonly logger?: LoggerService | false;
  /** Runs before the application starts, as an application's own `main.ts` would. */
  readonly configure?: (app: INestApplication) => void;
}

/** An application on real sockets of the loopback, on a free port. */
export interface RunningApp {
  readonly app: INestApplication;
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** On one of the two frameworks, or on an adapter that was set up in a way of its own. */
export async function createApp(
  adapter: Adapter | AbstractHttpAdapter,
  module: Type | DynamicModule,
  options: AppOptions = {},
): Promise<INestApplication> {
  const settings = { logger: options.logger ?? (false as const), abortOnError: false };
  const platform =
    typeof adapter === 'object' ? adapter : adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(module, platform, settings);
  options.configure?.(app);
  await app.init();
  if (platform instanceof FastifyAdapter) await platform.getInstance().ready();
  return app;
}

export async function startApp(
  adapter: Adapter | AbstractHttpAdapter,
  module: Type | DynamicModule,
  options: AppOptions = {},
): Promise<RunningApp> {
  const app = await createApp(adapter, module, options);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}`, close: () => app.close() };
}

/** Waits for a condition that an event outside of our reach (a socket's close) brings about. */
export async function until(condition: () => boolean, what: string, deadlineMs = 5_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
