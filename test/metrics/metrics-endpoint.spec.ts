// Under test: the endpoint in real applications, on Express and Fastify, over real sockets. The module is a small one of
// our own, the global guard stands for an application's, and an interceptor wraps every answer, as many applications' do.
import {
  Injectable,
  Logger,
  Module,
  UnauthorizedException,
  VersioningType,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { map, type Observable } from 'rxjs';
import request from 'supertest';
import { MetricsCollector } from '../../src/metrics/metrics-collector.js';
import { METRICS_OPTIONS, MetricsEndpointGuard } from '../../src/metrics/metrics-endpoint.guard.js';
import { metricsController } from '../../src/metrics/metrics.controller.js';
import type { MetricsOptions } from '../../src/metrics/metrics.options.js';
import { checkMetrics, importOpenMetrics } from './promtool.js';

/** Refuses everybody without a user's token, except at handlers that say who may read them. */
@Injectable()
class UsersOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (Reflect.getMetadata('auth-services:allow-anonymous', context.getHandler()) === true) return true;
    throw new UnauthorizedException();
  }
}

@Injectable()
class WrapEveryAnswer implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

const adapters = { express: () => new ExpressAdapter(), fastify: () => new FastifyAdapter() };
let app: INestApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

async function start(
  adapter: keyof typeof adapters,
  options: MetricsOptions,
  { path = 'metrics', configure }: { path?: string; configure?: (nest: INestApplication) => unknown } = {},
): Promise<string> {
  @Module({
    controllers: [metricsController(path)],
    providers: [
      { provide: METRICS_OPTIONS, useValue: options },
      { provide: MetricsCollector, useFactory: () => new MetricsCollector(options) },
      MetricsEndpointGuard,
      { provide: APP_GUARD, useClass: UsersOnly },
      { provide: APP_INTERCEPTOR, useClass: WrapEveryAnswer },
    ],
  })
  class TestModule {}
  const module = await Test.createTestingModule({ imports: [TestModule] }).compile();
  app = module.createNestApplication(adapters[adapter](), { logger: false });
  configure?.(app);
  await app.listen(0, '127.0.0.1');
  const collector = app.get(MetricsCollector);
  collector.recordValidationSuccess(4);
  collector.recordValidationFailure('expired_token', 2);
  return app.getUrl();
}

describe.each(Object.keys(adapters) as (keyof typeof adapters)[])('the endpoint on %s', (adapter) => {
  const bearer = { Authorization: 'Bearer scrape-me' };
  const token = { token: 'scrape-me' };

  it('answers with the text format, which promtool accepts, past a global guard and an interceptor that wraps answers', async () => {
    const url = await start(adapter, token);
    const response = await request(url).get('/metrics').set(bearer).expect(200);
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.text).toContain('auth_token_validations_total{result="success"} 1\n');
    expect(checkMetrics(response.text)).toEqual({ status: 0, output: '' });
  });

  it('answers with OpenMetrics to what Prometheus sends', async () => {
    const url = await start(adapter, token);
    const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
    const get = request(url).get('/metrics').set(bearer).set('Accept', accept).buffer(true);
    const response = await get.parse((stream, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => done(null, text));
    });
    expect(response.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(importOpenMetrics(response.body as string)).toMatchObject({ status: 0 });
  });

  it('answers with the snapshot to Accept: application/json', async () => {
    const url = await start(adapter, token);
    const response = await request(url).get('/metrics').set(bearer).set('Accept', 'application/json').expect(200);
    expect(response.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(response.body).toMatchObject({ totalTokens: 2, successRate: 50, errorsByType: { expired_token: 1 } });
  });

  it('answers HEAD with the headers alone, to the same readers', async () => {
    const url = await start(adapter, token);
    const response = await request(url).head('/metrics').set(bearer).expect(200);
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.text).toBeFalsy();
    await request(url).head('/metrics').expect(401);
  });

  it('answers a missing or wrong token with 401 and a challenge, and nothing of the metrics', async () => {
    const url = await start(adapter, token);
    for (const authorization of [undefined, 'Bearer wrong', 'Basic c2NyYXBlLW1l']) {
      const get = request(url).get('/metrics');
      const response = await (authorization === undefined ? get : get.set('Authorization', authorization)).expect(401);
      expect(response.headers['www-authenticate']).toBe('Bearer realm="metrics"');
      expect(response.body).toMatchObject({ statusCode: 401, error: 'Unauthorized', code: 'unauthenticated' });
      expect(response.text).not.toMatch(/auth_token|scrape-me/);
    }
  });

  it('asks authorize with the request of the framework, and answers 403 to a no, a rejection or an error', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const answers: Record<string, () => boolean | Promise<boolean>> = {
      yes: async () => true,
      no: () => false,
      rejects: () => Promise.reject(new TypeError('secret detail')),
      throws: () => {
        throw new TypeError('secret detail');
      },
    };
    const url = await start(adapter, { authorize: ({ query }: { query: { as: string } }) => answers[query.as]!() });
    await request(url).get('/metrics?as=yes').expect(200);
    for (const as of ['no', 'rejects', 'throws']) {
      const { text } = await request(url).get(`/metrics?as=${as}`).expect(403);
      expect(text).not.toMatch(/auth_token|secret detail/);
    }
    expect(warn.mock.calls).toEqual([
      ['metrics.authorize failed (TypeError), so nobody was let in. This is said once.'],
    ]);
    warn.mockRestore();
  });

  it('lets everybody read with allowAnonymous', async () => {
    const url = await start(adapter, { allowAnonymous: true });
    await request(url).get('/metrics').expect(200);
  });

  it('is under the global prefix, at the path it is given, also where the API has versions', async () => {
    const configure = (nest: INestApplication) =>
      nest.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI });
    const url = await start(adapter, token, { path: '/internal/auth-metrics', configure });
    await request(url).get('/api/internal/auth-metrics').set(bearer).expect(200);
    await request(url).get('/internal/auth-metrics').set(bearer).expect(404);
  });
});
