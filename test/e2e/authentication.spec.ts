// Real: the module, both frameworks, loopback sockets, signed tokens of a real issuer on the loopback, passport-jwt and
// @nestjs/passport as an application uses them. Faked: nothing.
import { createPublicKey } from 'node:crypto';
import { Controller, Get, Injectable, Module, Req, UseGuards, type Type } from '@nestjs/common';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ExtractJwt, Strategy } from 'passport-jwt';
import {
  AuditLogger,
  AuthServicesModule,
  CurrentCaller,
  HumanOnly,
  M2MOnly,
  MetricsCollector,
  RateLimit,
  type AuditEvent,
  type Caller,
} from '../../src/index.js';
import { AllowAnonymous, JwtAuthModule, type JwtUser } from '../../src/jwt/index.js';
import { RecordingAuditSink, TestIssuer } from '../../src/testing/index.js';
import { ADAPTERS, startApp, until, type RunningApp } from '../support/app.js';

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const seen = ({ kind, userId, clientId, subject }: Caller) => ({ kind, userId, clientId, subject });

@Controller('ours')
class Ours {
  @Get('caller') caller(@CurrentCaller() caller: Caller) {
    return seen(caller);
  }
  @Get('user') user(@Req() request: { user: JwtUser }) {
    return { user: request.user, frozen: Object.isFrozen(request.user) };
  }
  @Get('human') @HumanOnly() human() {
    return 'human';
  }
  @Get('m2m') @M2MOnly() m2m() {
    return 'm2m';
  }
  @Get('limited') @RateLimit({ maxRequests: 2, windowSeconds: 60 }) limited() {
    return 'limited';
  }
  @Get('open') @AllowAnonymous() open(@CurrentCaller() caller: Caller) {
    return seen(caller);
  }
}

@Controller('theirs')
class Theirs {
  @Get('payload') @UseGuards(AuthGuard('payload')) payload(@CurrentCaller() caller: Caller) {
    return seen(caller);
  }
  @Get('human') @HumanOnly() @UseGuards(AuthGuard('payload')) human() {
    return 'human';
  }
  @Get('user-id') @UseGuards(AuthGuard('user-id')) userId(@CurrentCaller() caller: Caller) {
    return seen(caller);
  }
  @Get('user-id-human') @UseGuards(AuthGuard('user-id')) @HumanOnly() userIdHuman() {
    return 'human';
  }
  @Get('limited') @RateLimit({ maxRequests: 1 }) @UseGuards(AuthGuard('user-id')) limited() {
    return 'limited';
  }
}

/** The recipes of the Nest documentation: `validate` returns the payload, or only what the application needs of it. */
function strategy(name: string, issuer: string, key: string, validate: (payload: { sub: string }) => unknown): Type {
  @Injectable()
  class OwnStrategy extends PassportStrategy(Strategy, name) {
    constructor() {
      super({
        jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
        secretOrKey: key,
        issuer,
        audience: 'api',
        algorithms: ['RS256'],
      });
    }
    validate(payload: { sub: string }): unknown {
      return validate(payload);
    }
  }
  return OwnStrategy;
}

describe.each(ADAPTERS)('authentication on %s', (adapter) => {
  const sink = new RecordingAuditSink();
  let issuer: TestIssuer;
  let running: RunningApp;
  let person: string;
  let machine: string;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
    person = await issuer.human('cognito', { sub: 'alice', username: 'alice' });
    machine = await issuer.m2m('cognito', { sub: 'billing', client_id: 'billing' });
    const { keys } = (await (await fetch(issuer.jwksUri)).json()) as { keys: [object] };
    const key = createPublicKey({ key: keys[0] as never, format: 'jwk' })
      .export({ type: 'spki', format: 'pem' })
      .toString();

    @Module({
      imports: [
        AuthServicesModule.forRoot({ m2m: { provider: 'cognito' }, audit: { sinks: [sink] } }),
        JwtAuthModule.forRoot({ issuers: [{ issuer: issuer.issuer, audience: 'api' }], isGlobal: true }),
      ],
      controllers: [Ours],
    })
    class OursApp {}

    @Module({
      imports: [AuthServicesModule.forRoot({ m2m: { provider: 'cognito' }, audit: { sinks: [sink] } }), PassportModule],
      controllers: [Theirs],
      providers: [
        strategy('payload', issuer.issuer, key, (payload) => payload),
        strategy('user-id', issuer.issuer, key, ({ sub }) => ({ userId: sub })),
      ],
    })
    class TheirsApp {}
    running = await startApp(adapter, OursApp);
    theirs = await startApp(adapter, TheirsApp);
  });
  let theirs: RunningApp;
  afterAll(async () => {
    await running.close();
    await theirs.close();
    await issuer.stop();
  });
  beforeEach(() => {
    sink.clear();
    running.app.get(MetricsCollector).reset();
    theirs.app.get(MetricsCollector).reset();
  });

  async function event(of: RunningApp): Promise<AuditEvent> {
    const logger = of.app.get(AuditLogger);
    await until(() => logger.status.queued > 0 || sink.events.length > 0, 'an event is logged');
    await logger.flush();
    expect(sink.events).toHaveLength(1);
    return sink.events[0]!;
  }

  describe('by JwtAuthModule', () => {
    it('knows a person and a machine from their tokens', async () => {
      const asPerson = await fetch(`${running.url}/ours/caller`, bearer(person));
      expect(await asPerson.json()).toMatchObject({ kind: 'human', userId: 'alice', subject: 'alice' });
      expect(await event(running)).toMatchObject({ eventType: 'request_success', userId: 'alice', isM2M: false });
      sink.clear();
      const asMachine = await fetch(`${running.url}/ours/caller`, bearer(machine));
      expect(await asMachine.json()).toEqual({ kind: 'm2m', clientId: 'billing', subject: 'billing' });
      const logged = await event(running);
      expect(logged).toMatchObject({ clientId: 'billing', subject: 'billing', isM2M: true });
      expect(logged).not.toHaveProperty('userId');
    });

    it('leaves request.user as the contract says, frozen', async () => {
      const response = await fetch(`${running.url}/ours/user`, bearer(machine));
      expect(await response.json()).toMatchObject({
        frozen: true,
        user: {
          id: 'billing',
          kind: 'm2m',
          isM2M: true,
          clientId: 'billing',
          scopes: expect.any(Array),
          claims: { sub: 'billing' },
        },
      });
    });

    it('lets people and machines in where they belong', async () => {
      const status = async (path: string, token: string) =>
        (await fetch(`${running.url}${path}`, bearer(token))).status;
      expect(await status('/ours/human', person)).toBe(200);
      expect(await status('/ours/human', machine)).toBe(403);
      expect(await status('/ours/m2m', machine)).toBe(200);
      expect(await status('/ours/m2m', person)).toBe(403);
    });

    it('lets a token that tells neither in nowhere, because a guess would skip the checks meant for the other', async () => {
      const unclear = await issuer.sign({ sub: 'f2a61c0e', aud: 'api' });
      expect(await (await fetch(`${running.url}/ours/caller`, bearer(unclear))).json()).toMatchObject({
        kind: 'unknown',
      });
      for (const path of ['/ours/human', '/ours/m2m']) {
        expect((await fetch(running.url + path, bearer(unclear))).status).toBe(403);
      }
    });

    it('counts limits by caller, not by address', async () => {
      const status = async (token: string) => (await fetch(`${running.url}/ours/limited`, bearer(token))).status;
      expect([await status(person), await status(person), await status(person)]).toEqual([200, 200, 429]);
      expect(await status(machine)).toBe(200);
    });

    it.each<[string, () => Promise<RequestInit>, string]>([
      ['no token', () => Promise.resolve({}), 'missing'],
      ['an expired token', async () => bearer(await issuer.human('cognito', { exp: 1_000 })), 'expired_token'],
      [
        'another audience',
        async () => bearer(await issuer.human('cognito', { aud: 'other', client_id: 'other' })),
        'audience',
      ],
      ['a broken signature', () => Promise.resolve(bearer(`${person.slice(0, -8)}AAAAAAAA`)), 'invalid_signature'],
      ['something else', () => Promise.resolve(bearer('nonsense')), 'malformed'],
    ])('answers %s with the same 401, and tells the reason to audit and metrics only', async (_what, init, reason) => {
      const response = await fetch(`${running.url}/ours/caller`, await init());
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      const body = await response.text();
      expect(JSON.parse(body)).toEqual({
        statusCode: 401,
        message: 'Unauthorized',
        error: 'Unauthorized',
        code: 'unauthenticated',
      });
      expect(await event(running)).toMatchObject({
        eventType: 'auth_failure',
        outcome: 'failure',
        reason,
        statusCode: 401,
      });
      const { tokensFailed, errorsByType } = running.app.get(MetricsCollector).getMetrics();
      if (reason === 'missing') expect(tokensFailed).toBe(0);
      else expect(errorsByType[reason]).toBe(1);
    });

    it('times each validation into the metrics', async () => {
      await (await fetch(`${running.url}/ours/caller`, bearer(person))).text();
      await event(running);
      const metrics = running.app.get(MetricsCollector).getMetrics();
      expect(metrics).toMatchObject({ tokensValidated: 1, tokensFailed: 0, callers: { human: 1, m2m: 0 } });
      expect(metrics.validationTimeAvgMs).toBeGreaterThan(0);
    });

    it('reads a valid token on an open route, and still refuses a bad one', async () => {
      expect(await (await fetch(`${running.url}/ours/open`)).json()).toEqual({ kind: 'anonymous' });
      expect(await (await fetch(`${running.url}/ours/open`, bearer(person))).json()).toMatchObject({ userId: 'alice' });
      expect((await fetch(`${running.url}/ours/open`, bearer('nonsense'))).status).toBe(401);
    });
  });

  describe('by the application’s own strategy', () => {
    it('that returns the payload, knows a person and a machine just as well', async () => {
      const asPerson = await fetch(`${theirs.url}/theirs/payload`, bearer(person));
      expect(await asPerson.json()).toMatchObject({ kind: 'human', userId: 'alice' });
      expect(await event(theirs)).toMatchObject({ userId: 'alice', isM2M: false });
      expect((await fetch(`${theirs.url}/theirs/human`, bearer(person))).status).toBe(200);
      expect((await fetch(`${theirs.url}/theirs/human`, bearer(machine))).status).toBe(403);
    });

    it('that returns only a user id, cannot be told to be a person: @HumanOnly refuses, limits count by that id', async () => {
      const response = await fetch(`${theirs.url}/theirs/user-id`, bearer(person));
      expect(await response.json()).toEqual({ kind: 'unknown', userId: 'alice' });
      expect(await event(theirs)).not.toHaveProperty('isM2M');
      expect((await fetch(`${theirs.url}/theirs/user-id-human`, bearer(person))).status).toBe(403);
      const limited = async (token: string) => (await fetch(`${theirs.url}/theirs/limited`, bearer(token))).status;
      expect([await limited(person), await limited(person), await limited(machine)]).toEqual([200, 429, 200]);
    });

    it('has the reason of its 401 in the event and in the metrics, in the same words', async () => {
      const expired = await issuer.human('cognito', { exp: 1_000 });
      const response = await fetch(`${theirs.url}/theirs/payload`, bearer(expired));
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ statusCode: 401, message: 'Unauthorized' });
      expect(await event(theirs)).toMatchObject({ eventType: 'auth_failure', reason: 'expired_token' });
      expect(theirs.app.get(MetricsCollector).getMetrics().errorsByType).toEqual({ expired_token: 1 });
    });

    it('counts each request that had a principal as one validation without a time', async () => {
      await (await fetch(`${theirs.url}/theirs/payload`, bearer(person))).text();
      await event(theirs);
      expect(theirs.app.get(MetricsCollector).getMetrics()).toMatchObject({
        tokensValidated: 1,
        tokensFailed: 0,
        validationTimeAvgMs: 0,
      });
    });

    it('without a token is a 401 that counts as no failed validation', async () => {
      expect((await fetch(`${theirs.url}/theirs/payload`)).status).toBe(401);
      expect(await event(theirs)).toMatchObject({ eventType: 'auth_failure', reason: 'missing' });
      expect(theirs.app.get(MetricsCollector).getMetrics().tokensFailed).toBe(0);
    });
  });
});
