// What the three servers share: the route, the adapter, and how decorators are applied without a compiler.
import 'reflect-metadata';
import { Controller, Get, Module, Req } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** GET /data, as in the yardstick; `decorators` are those of the method, the last applied first. */
export function dataController(...decorators) {
  class DataController {
    data(request) {
      return { message: 'ok', id: request.user?.id };
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(DataController.prototype, 'data');
  for (const decorate of [Get('data'), ...decorators].reverse()) decorate(DataController.prototype, 'data', descriptor);
  Req()(DataController.prototype, 'data', 0);
  Controller()(DataController);
  return DataController;
}

export function moduleOf(metadata) {
  class AppModule {}
  Module(metadata)(AppModule);
  return AppModule;
}

export async function serve(module, tokens, use = () => undefined) {
  const adapter = process.env.ADAPTER === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(module, adapter, { logger: process.env.LOG_NEST ? undefined : false });
  use(app);
  await app.listen(0, '127.0.0.1');
  process.on('SIGTERM', () => void app.close().then(() => process.exit(0)));
  console.log(JSON.stringify({ ready: true, port: app.getHttpServer().address().port, tokens }));
}

/** The callers' ids: many, so that no single counter or cache entry is the whole story. */
export const users = Array.from({ length: Number(process.env.USERS ?? 200) }, (_, index) => `svc-${index}`);

export const claimsOf = (id) => ({ sub: id, client_id: id, token_use: 'access', scope: 'api/read api/write' });

/** A token for each of them, as Cognito would sign it. */
export const tokensOf = (issuer) =>
  Promise.all(users.map((id) => issuer.m2m('cognito', { ...claimsOf(id), aud: 'api' })));
