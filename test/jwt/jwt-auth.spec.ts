// JwtAuthModule and JwtAuthGuard in applications on Express and Fastify, over real sockets, with a real issuer.
import { Controller, Get, Injectable, Module, Req, UseGuards, type ExecutionContext, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { Test } from '@nestjs/testing';
import passport from 'passport';
import { Strategy } from 'passport-jwt';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AuthEvents } from '../../src/events/auth-events.js';
import type { AuthEvent } from '../../src/events/auth-event.js';
import {
  AllowAnonymous,
  JWT_AUTH_OPTIONS,
  JwtAuthGuard,
  JwtAuthModule,
  TokenVerifier,
  type JwtAuthOptions,
  type JwtUser,
} from '../../src/jwt/index.js';
import { M2MTokenDetector } from '../../src/m2m/m2m-token-detector.js';
import { recordOf } from '../../src/request/call-record.js';
import { findRecord } from '../../src/request/record.js';
import { TestIssuer } from '../../src/testing/test-issuer.js';
import { ADAPTERS, startApp, type Adapter, type AppOptions, type RunningApp } from '../support/app.js';
import { testKey } from './forging.js';
import { appWith, EventsModule, Lines, Routes } from './world.js';

let issuer: TestIssuer;
const running: RunningApp[] = [];

beforeAll(async () => {
  issuer = await TestIssuer.start({ algorithm: 'ES256' });
});
afterAll(() => issuer.stop());
beforeEach(() => {
  issuer.outage(false);
  issuer.answerAfter(0);
});
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

const trusted = (extra: Partial<JwtAuthOptions> = {}): JwtAuthOptions => ({
  issuers: [{ issuer: issuer.issuer, audience: 'api' }],
  ...extra,
});

async function start(adapter: Adapter, module: Type, options: AppOptions = {}): Promise<RunningApp> {
  const app = await startApp(adapter, module, options);
  running.push(app);
  return app;
}

async function get(
  app: RunningApp,
  path: string,
  token?: string,
): Promise<{ status: number; headers: Headers; body: any }> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${app.url}${path}`, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : text };
}

const UNAUTHORIZED = { statusCode: 401, message: 'Unauthorized', error: 'Unauthorized', code: 'unauthenticated' };

@AllowAnonymous()
@Controller('public')
class Public {
  @Get('open') open(@Req() { user }: { user?: JwtUser }): object {
    return { caller: user?.id ?? null };
  }
  @AllowAnonymous(false) @Get('closed') closed(@Req() { user }: { user: JwtUser }): object {
    return { caller: user.id };
  }
}

@Controller('inherited')
class Inherited extends Public {}

@Controller('passport')
class ByPassport {
  @UseGuards(AuthGuard('jwt')) @Get() me(@Req() { user }: { user: JwtUser }): object {
    return { caller: user.id, kind: user.kind };
  }
}

describe.each(ADAPTERS)('JwtAuthGuard on %s', (adapter) => {
  it('leaves the caller as request.user, with all that the token says of it', async () => {
    const app = await start(adapter, appWith(trusted()));
    const token = await issuer.human('keycloak', { sub: 'p-1' });
    for (let round = 0; round < 2; round++) {
      const { status, body } = await get(app, '/me', token);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        id: 'p-1',
        name: 'Anna Example',
        email: 'anna@example.com',
        kind: 'human',
        isM2M: false,
        clientId: 'test-app',
        scopes: ['openid', 'profile', 'email'],
        claims: { iss: issuer.issuer, sub: 'p-1' },
      });
    }
    const machine = await get(app, '/me', await issuer.m2m());
    expect(machine.body).toMatchObject({ id: 'test-service', kind: 'm2m', isM2M: true, clientId: 'test-service' });
  });

  it('refuses a request without a token with the challenge of RFC 6750 and nothing else', async () => {
    const app = await start(adapter, appWith(trusted()));
    const { status, headers, body } = await get(app, '/me');
    expect([status, body]).toEqual([401, UNAUTHORIZED]);
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('@AllowAnonymous lets nobody in without a token, reads a valid one, and still refuses a bad one', async () => {
    const app = await start(adapter, appWith(trusted()));
    expect((await get(app, '/open')).body).toEqual({ caller: null });
    expect((await get(app, '/open', await issuer.human('rfc9068', { sub: 'p-1' }))).body).toEqual({ caller: 'p-1' });
    const bad = await get(app, '/open', 'not.a.token');
    expect([bad.status, bad.body]).toEqual([401, UNAUTHORIZED]);
    expect(bad.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('guards every route with isGlobal; on a method @AllowAnonymous beats the class, also where both are inherited', async () => {
    const module = appWith(trusted({ isGlobal: true }), [Public, Inherited, Routes]);
    const app = await start(adapter, module);
    const statuses = async (...paths: string[]) =>
      Promise.all(paths.map(async (path) => (await get(app, path)).status));
    expect(await statuses('/public/open', '/inherited/open', '/open')).toEqual([200, 200, 200]);
    expect(await statuses('/public/closed', '/inherited/closed', '/me')).toEqual([401, 401, 401]);
    expect((await get(app, '/public/closed', await issuer.human())).status).toBe(200);
  });

  it('leaves routes without it alone when it is not global', async () => {
    const app = await start(adapter, appWith(trusted(), [Public]));
    expect((await get(app, '/public/closed')).status).toBe(500);
    expect((await get(app, '/public/open')).status).toBe(200);
  });

  it('verifies and tells once where it stands twice, global and on the method', async () => {
    const app = await start(adapter, appWith(trusted({ isGlobal: true })));
    const events: AuthEvent[] = [];
    app.app.get(AuthEvents).subscribe((event) => events.push(event));
    const verify = jest.spyOn(app.app.get(TokenVerifier), 'verify');
    expect((await get(app, '/twice', await issuer.human('rfc9068', { sub: 'p-1' }))).body).toBe('p-1');
    expect(verify).toHaveBeenCalledTimes(1);
    expect(events).toEqual([{ type: 'token.validated', durationMs: expect.any(Number) }]);
  });

  it('is not fooled by a user that somebody else has left on the request', async () => {
    @Injectable()
    class Earlier {
      canActivate(context: ExecutionContext): boolean {
        const request = context.switchToHttp().getRequest<{ user?: unknown }>();
        request.user = { id: 'forged', isM2M: false };
        recordOf(context).validated = true;
        return true;
      }
    }
    @Module({
      imports: [JwtAuthModule.forRoot(trusted())],
      controllers: [Routes],
      providers: [{ provide: APP_GUARD, useClass: Earlier }],
    })
    class App {}
    const app = await start(adapter, App);
    expect((await get(app, '/me')).status).toBe(401);
    expect((await get(app, '/me', await issuer.human('rfc9068', { sub: 'p-1' }))).body).toMatchObject({ id: 'p-1' });
  });

  it('answers 503 with Retry-After while no key can be had, and as usual once they can', async () => {
    const app = await start(adapter, appWith(trusted()));
    const events: AuthEvent[] = [];
    app.app.get(AuthEvents).subscribe((event) => events.push(event));
    issuer.outage();
    const { status, headers, body } = await get(app, '/me', await issuer.human());
    expect(status).toBe(503);
    expect(body).toEqual({
      statusCode: 503,
      message: 'Service Unavailable',
      error: 'Service Unavailable',
      code: 'keys_unavailable',
    });
    expect(headers.get('retry-after')).toBe('1');
    expect(headers.get('www-authenticate')).toBeNull();
    expect(events).toEqual([expect.objectContaining({ type: 'token.refused', category: 'keys_unavailable' })]);
    expect((await get(app, '/open')).status).toBe(200);
    issuer.outage(false);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect((await get(app, '/me', await issuer.human())).status).toBe(200);
  });

  it('answers 401 instead with onUnavailable: 401, without calling the token invalid', async () => {
    const app = await start(adapter, appWith(trusted({ onUnavailable: 401 })));
    issuer.outage();
    const { status, headers, body } = await get(app, '/me', await issuer.human());
    expect([status, body]).toEqual([401, UNAUTHORIZED]);
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('logs an outage once, with its reason and without anything of a token', async () => {
    const log = new Lines();
    const app = await start(adapter, appWith(trusted()), { logger: log });
    log.lines.length = 0;
    issuer.outage();
    const token = await issuer.human();
    for (let round = 0; round < 3; round++) await get(app, '/me', token);
    expect(log.lines).toEqual([`The keys of "${issuer.issuer}" cannot be fetched: it answered 503. JwtAuth`]);
  });

  it('costs one fetch for five hundred concurrent first requests, on which all of them wait', async () => {
    const app = await start(adapter, appWith(trusted()));
    issuer.answerAfter(100);
    const before = issuer.requestCount('/jwks');
    const tokens = await Promise.all(Array.from({ length: 500 }, () => issuer.human()));
    const answers = await Promise.all(tokens.map((token) => get(app, '/me', token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(issuer.requestCount('/jwks') - before).toBe(1);
  });

  it("decides for AuthGuard('jwt') too, with the reason on the record and not in the answer", async () => {
    const seen: (string | undefined)[] = [];
    @Injectable()
    class Opening {
      canActivate(context: ExecutionContext): boolean {
        const request = context.switchToHttp().getRequest<{ raw?: object }>();
        recordOf(context);
        const response = context.switchToHttp().getResponse<{ raw?: NodeJS.EventEmitter } & NodeJS.EventEmitter>();
        (response.raw ?? response).on('finish', () => seen.push(findRecord(request.raw ?? request)?.authFailure));
        return true;
      }
    }
    @Module({
      imports: [EventsModule, JwtAuthModule.forRoot(trusted())],
      controllers: [ByPassport],
      providers: [{ provide: APP_GUARD, useClass: Opening }],
    })
    class App {}
    const app = await start(adapter, App);
    const events: AuthEvent[] = [];
    app.app.get(AuthEvents).subscribe((event) => events.push(event));
    expect((await get(app, '/passport', await issuer.m2m())).body).toEqual({ caller: 'test-service', kind: 'm2m' });
    const expired = await get(app, '/passport', await issuer.sign({ exp: 1 }));
    expect([expired.status, expired.body]).toEqual([401, { statusCode: 401, message: 'Unauthorized' }]);
    expect((await get(app, '/passport')).status).toBe(401);
    expect((await get(app, '/passport', 'x'.repeat(20))).status).toBe(401);
    expect(events.map((event) => ('category' in event ? event.category : event.type))).toEqual([
      'token.validated',
      'expired_token',
      'malformed',
    ]);
    expect(seen).toEqual([undefined, 'expired_token', 'missing', 'malformed']);
  });

  it("gives AuthGuard('jwt') the 503 of an outage as well", async () => {
    const app = await start(adapter, appWith(trusted(), [ByPassport]));
    issuer.outage();
    const { status, body } = await get(app, '/passport', await issuer.human());
    expect([status, body.code]).toEqual([503, 'keys_unavailable']);
  });
});

describe('JwtAuthModule', () => {
  const key = testKey('ec', 'a');
  const offline: JwtAuthOptions = { issuers: [{ issuer: 'me', audience: null, jwks: { keys: [key.jwk] } }] };

  it('is configured by forRootAsync with useFactory, useClass and useExisting, and global if that stands beside', async () => {
    @Injectable()
    class Factory {
      create(): JwtAuthOptions {
        return offline;
      }
    }
    @Module({ providers: [Factory], exports: [Factory] })
    class FactoryModule {}
    const modules = [
      JwtAuthModule.forRootAsync({
        useFactory: (options: JwtAuthOptions) => options,
        inject: ['options'],
        isGlobal: true,
        provideInjectionTokensFrom: [{ provide: 'options', useValue: offline }],
      }),
      JwtAuthModule.forRootAsync({ useClass: Factory }),
      JwtAuthModule.forRootAsync({ imports: [FactoryModule], useExisting: Factory }),
    ];
    for (const module of modules) {
      const testing = await Test.createTestingModule({ imports: [module] }).compile();
      expect(testing.get(JWT_AUTH_OPTIONS)).toEqual(offline);
      expect(testing.get(JwtAuthGuard)).toBeInstanceOf(JwtAuthGuard);
    }
  });

  it('has a guard that overrideProvider replaces in a test of an application, also the global one', async () => {
    const app = await Test.createTestingModule({
      imports: [JwtAuthModule.forRoot({ ...offline, isGlobal: true })],
      controllers: [Public],
    })
      .overrideProvider(JwtAuthGuard)
      .useValue({ canActivate: () => true })
      .compile()
      .then((testing) => testing.createNestApplication().init());
    await app.listen(0, '127.0.0.1');
    const { status } = await fetch(`${await app.getUrl()}/public/open`);
    expect(status).toBe(200);
    await app.close();
  });

  it("asks the application's detector, so that a preset configured for AuthServicesModule counts here as well", async () => {
    const classify = jest.fn(() => ({ kind: 'm2m' as const, clientId: 'c', subject: null, scopes: ['s'] }));
    @Module({ providers: [{ provide: M2MTokenDetector, useValue: { classify } }], exports: [M2MTokenDetector] })
    class DetectorModule {}
    const module = { ...JwtAuthModule.forRoot(trusted()), imports: [DetectorModule] };
    const testing = await Test.createTestingModule({ imports: [module] }).compile();
    const decision = await testing.get(TokenVerifier).verify(await issuer.human());
    expect(decision).toMatchObject({ user: { isM2M: true, clientId: 'c', scopes: ['s'] } });
    expect(classify).toHaveBeenCalledTimes(1);
  });

  it("leaves a strategy 'jwt' of the application alone, and takes its own away when it closes", async () => {
    const registry = passport as unknown as { _strategy(name: string): object | undefined; unuse(name: string): void };
    const ours = await Test.createTestingModule({ imports: [JwtAuthModule.forRoot(offline)] }).compile();
    await ours.init();
    expect(registry._strategy('jwt')).toBeDefined();
    await ours.close();
    expect(registry._strategy('jwt')).toBeUndefined();

    class Own extends PassportStrategy(Strategy) {
      constructor() {
        super({ jwtFromRequest: () => null, secretOrKey: 'own' });
      }
      validate(): object {
        return {};
      }
    }
    const own = new Own();
    const beside = await Test.createTestingModule({ imports: [JwtAuthModule.forRoot(offline)] }).compile();
    await beside.init();
    expect(registry._strategy('jwt')).toBe(own);
    await beside.close();
    expect(registry._strategy('jwt')).toBe(own);
    registry.unuse('jwt');
  });
});

describe('JwtAuthGuard without a promise, and on other transports', () => {
  const context = (type: string, args: unknown[], route: 'me' | 'open' = 'me'): ExecutionContext =>
    ({
      getType: () => type,
      getArgs: () => args,
      getArgByIndex: (index: number) => args[index],
      getClass: () => Routes,
      getHandler: () => Routes.prototype[route],
      switchToHttp: () => ({ getRequest: () => args[0], getResponse: () => args[1] }),
      switchToWs: () => ({ getClient: () => args[0], getData: () => args[1] }),
      switchToRpc: () => ({ getData: () => args[0] }),
    }) as unknown as ExecutionContext;

  async function guard(): Promise<JwtAuthGuard> {
    const testing = await Test.createTestingModule({ imports: [JwtAuthModule.forRoot(trusted())] }).compile();
    const made = testing.get(JwtAuthGuard);
    const headers = { authorization: `Bearer ${await issuer.human()}` };
    await made.canActivate(context('http', [{ headers }, {}]));
    return made;
  }

  it('returns a plain true for a new token when the key is at hand, and for a known one', async () => {
    const jwt = await guard();
    const headers = { authorization: `Bearer ${await issuer.human()}` };
    const request: { headers: object; user?: JwtUser } = { headers };
    expect(jwt.canActivate(context('http', [request, {}]))).toBe(true);
    expect(jwt.canActivate(context('http', [{ headers }, {}]))).toBe(true);
    expect(request.user?.kind).toBe('human');
  });

  it('throws at once, and no promise, for a bad token', async () => {
    const jwt = await guard();
    const request = { headers: { authorization: 'Bearer a.b.c' } };
    expect(() => jwt.canActivate(context('http', [request, {}]))).toThrow(expect.objectContaining({ status: 401 }));
  });

  it('reads the header of a GraphQL request and leaves the caller there', async () => {
    const jwt = await guard();
    const req: { headers: object; user?: JwtUser } = { headers: { authorization: `Bearer ${await issuer.m2m()}` } };
    expect(jwt.canActivate(context('graphql', [{}, {}, { req }, {}]))).toBe(true);
    expect(req.user?.isM2M).toBe(true);
    const bad = { headers: { authorization: 'Bearer a.b.c' } };
    expect(() => jwt.canActivate(context('graphql', [{}, {}, { req: bad }, {}]))).toThrow(
      expect.objectContaining({ response: expect.not.objectContaining({ statusCode: 401 }) }),
    );
  });

  it.each<[string, (token: string) => object]>([
    ['auth.token', (token) => ({ auth: { token }, headers: {} })],
    ['auth.token with its scheme', (token) => ({ auth: { token: `Bearer ${token}` }, headers: {} })],
    ['its header', (token) => ({ auth: {}, headers: { authorization: `Bearer ${token}` } })],
  ])('reads the token of a WebSocket from its handshake, %s, again for each message', async (_where, handshakeOf) => {
    const jwt = await guard();
    const client = { handshake: handshakeOf(await issuer.human()), data: {} as { user?: JwtUser } };
    expect(jwt.canActivate(context('ws', [client, 'first']))).toBe(true);
    expect(jwt.canActivate(context('ws', [client, 'second']))).toBe(true);
    expect(client.data.user?.kind).toBe('human');
    expect(Object.keys(client)).toEqual(['handshake', 'data']);
  });

  it('leaves the caller on a socket that has no place for data, and reads its upgrade request', async () => {
    const jwt = await guard();
    const client: { upgradeReq: object; user?: JwtUser } = {
      upgradeReq: { headers: { authorization: `Bearer ${await issuer.human()}` } },
    };
    expect(jwt.canActivate(context('ws', [client, 'message']))).toBe(true);
    expect(client.user?.kind).toBe('human');
  });

  it('never takes a token or a user out of the payload of a microservice message', async () => {
    const jwt = await guard();
    const payload = { headers: { authorization: `Bearer ${await issuer.human()}` }, user: { id: 'forged' } };
    // The package that makes the exception is not installed here; that it is asked for is refusal enough.
    await expect(Promise.resolve(jwt.canActivate(context('rpc', [payload])))).rejects.toBeDefined();
    expect(jwt.canActivate(context('rpc', [payload], 'open'))).toBe(true);
    expect(payload.user).toEqual({ id: 'forged' });
  });
});
