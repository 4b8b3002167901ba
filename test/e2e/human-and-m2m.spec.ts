// Real: the module, both frameworks, loopback sockets. Faked: authentication, by a header (test/support/header-auth).
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AuthServicesModule,
  CurrentCaller,
  HumanOnly,
  HumanOnlyGuard,
  M2MOnly,
  TokenClaims,
  type Caller,
} from '../../src/index.js';
import { ADAPTERS, createApp, startApp, type RunningApp } from '../support/app.js';
import { HeaderAuthGuard } from '../support/header-auth.js';

@Controller('above')
class Above {
  @Get('human') @HumanOnly() @UseGuards(HeaderAuthGuard) human() {
    return 'human';
  }
  @Get('m2m') @M2MOnly() @UseGuards(HeaderAuthGuard) m2m() {
    return 'm2m';
  }
}
@Controller('below')
class Below {
  @Get('human') @UseGuards(HeaderAuthGuard) @HumanOnly() human() {
    return 'human';
  }
  @Get('m2m') @UseGuards(HeaderAuthGuard) @M2MOnly() m2m() {
    return 'm2m';
  }
}
@Controller('class')
@HumanOnly()
@UseGuards(HeaderAuthGuard)
class OnClass {
  @Get('human') human() {
    return 'human';
  }
  @Get('m2m') @M2MOnly() m2m() {
    return 'method beats class';
  }
}
@Controller('class-below')
@UseGuards(HeaderAuthGuard)
@HumanOnly()
class OnClassBelow {
  @Get('human') human() {
    return 'human';
  }
}
@Controller('method-on-guarded-class')
@UseGuards(HeaderAuthGuard)
class MethodOnGuardedClass {
  @Get('human') @HumanOnly() human() {
    return 'human';
  }
  @Get('m2m') @M2MOnly() m2m() {
    return 'm2m';
  }
  @Get('by-id') @M2MOnly({ clientIds: ['billing'] }) byId() {
    return 'billing';
  }
  @Get('by-scope') @M2MOnly({ scopes: ['api/read'] }) byScope() {
    return 'read';
  }
  @Get('by-write') @M2MOnly({ scopes: ['api/read', 'api/write'] }) byWrite() {
    return 'write';
  }
  @Get('caller') caller(@CurrentCaller() caller: Caller) {
    const { request: _request, principal: _principal, ...rest } = caller;
    return rest;
  }
  @Get('claims') claims(
    @TokenClaims() claims: unknown,
    @TokenClaims('sub') sub: unknown,
    @TokenClaims('toString') odd: unknown,
  ) {
    return { claims, sub, odd: odd === undefined };
  }
}
@Controller('open')
class Open {
  @Get('caller') caller(@CurrentCaller() caller: Caller, @TokenClaims() claims: unknown) {
    return { kind: caller.kind, ip: caller.ip, transport: caller.transport, noClaims: claims === undefined };
  }
  @Get('human') @HumanOnly() human() {
    return 'human';
  }
}
@Controller('unknown')
@UseGuards(HeaderAuthGuard)
class WithoutClaims {
  @Get('human') @HumanOnly() human() {
    return 'human';
  }
}

@Module({
  imports: [AuthServicesModule.forRoot({ m2m: { provider: 'cognito' }, audit: { logToConsole: false } })],
  controllers: [Above, Below, OnClass, OnClassBelow, MethodOnGuardedClass, Open],
})
class App {}

describe.each(ADAPTERS)('@HumanOnly and @M2MOnly on %s', (adapter) => {
  let running: RunningApp;
  beforeAll(async () => {
    running = await startApp(adapter, App);
  });
  afterAll(() => running.close());

  const as = {
    person: { 'x-user': 'alice' },
    machine: { 'x-machine': 'billing' },
    nobody: {},
  } as const;
  const ask = (path: string, who: keyof typeof as) => fetch(running.url + path, { headers: as[who] });

  it.each(['/above/human', '/below/human', '/class/human', '/class-below/human', '/method-on-guarded-class/human'])(
    'let a person in and refuse a machine, wherever @UseGuards is written: %s',
    async (path) => {
      expect((await ask(path, 'person')).status).toBe(200);
      const refused = await ask(path, 'machine');
      expect(refused.status).toBe(403);
      expect(await refused.json()).toEqual({
        statusCode: 403,
        message: expect.any(String),
        error: 'Forbidden',
        code: 'human_only',
      });
      expect((await ask(path, 'nobody')).status).toBe(401);
    },
  );

  it.each(['/above/m2m', '/below/m2m', '/class/m2m', '/method-on-guarded-class/m2m'])(
    'let a machine in and refuse a person, wherever @UseGuards is written: %s',
    async (path) => {
      expect((await ask(path, 'machine')).status).toBe(200);
      const refused = await ask(path, 'person');
      expect(refused.status).toBe(403);
      expect(await refused.json()).toMatchObject({ statusCode: 403, code: 'm2m_only' });
      expect((await ask(path, 'nobody')).status).toBe(401);
    },
  );

  it('answer 401 with a challenge where nobody is known, because a 403 would say that credentials do not help', async () => {
    const response = await ask('/open/human', 'person');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await response.json()).toMatchObject({ statusCode: 401, code: 'unauthenticated' });
  });

  it('hold a machine to the client ids and to all of the scopes that are listed', async () => {
    expect((await ask('/method-on-guarded-class/by-id', 'machine')).status).toBe(200);
    const other = await fetch(`${running.url}/method-on-guarded-class/by-id`, { headers: { 'x-machine': 'reports' } });
    expect(other.status).toBe(403);
    expect((await ask('/method-on-guarded-class/by-scope', 'machine')).status).toBe(200);
    expect((await ask('/method-on-guarded-class/by-write', 'machine')).status).toBe(403);
  });

  it('hand the caller and the claims to a handler', async () => {
    expect(await (await ask('/method-on-guarded-class/caller', 'person')).json()).toMatchObject({
      transport: 'http',
      kind: 'human',
      subject: 'alice',
      userId: 'alice',
      clientId: 'web',
      ip: '127.0.0.1',
    });
    const machine = await (await ask('/method-on-guarded-class/caller', 'machine')).json();
    expect(machine).toMatchObject({ kind: 'm2m', subject: 'billing', clientId: 'billing' });
    expect(machine).not.toHaveProperty('userId');
    expect(await (await ask('/method-on-guarded-class/claims', 'person')).json()).toMatchObject({
      claims: { sub: 'alice', token_use: 'access' },
      sub: 'alice',
      odd: true,
    });
  });

  it('never hand out an undefined caller: without a principal its kind is anonymous', async () => {
    expect(await (await ask('/open/caller', 'nobody')).json()).toEqual({
      kind: 'anonymous',
      ip: '127.0.0.1',
      transport: 'http',
      noClaims: true,
    });
  });
});

describe('@HumanOnly where it cannot hold', () => {
  const moduleOf = (controller: new () => unknown, providers: object[] = []) => {
    @Module({
      imports: [AuthServicesModule.forRoot({ audit: { logToConsole: false } })],
      controllers: [controller],
      providers: providers as never,
    })
    class Late {}
    return Late;
  };

  @Controller('late')
  @HumanOnly()
  class LateAuth {
    @Get() @UseGuards(AuthGuard('jwt')) late() {
      return 'never';
    }
  }

  it('on a class over authentication that only a method has is refused at start, because it would refuse everybody', async () => {
    await expect(createApp('express', moduleOf(LateAuth))).rejects.toMatchObject({
      name: 'OptionsError',
      code: 'ERR_AUTH_SERVICES_GUARD_ORDER',
      message: expect.stringMatching(/@HumanOnly\(\) on class LateAuth.*late\(\).*Move @UseGuards/),
    });
  });

  it('starts when a global guard authenticates before the class is asked', async () => {
    const app = await createApp('express', moduleOf(LateAuth, [{ provide: APP_GUARD, useClass: AuthGuard('jwt') }]));
    expect(app.get(HumanOnlyGuard)).toBeDefined();
    await app.close();
  });

  it('starts when the class guard is the application’s own authentication', async () => {
    const app = await createApp('express', moduleOf(OnClass));
    expect(app.get(HumanOnlyGuard)).toBeDefined();
    await app.close();
  });

  it('refuses a principal whose claims are gone, and says once where to find them', async () => {
    const warnings: string[] = [];
    @Module({
      imports: [
        AuthServicesModule.forRoot({ identity: { getClaims: () => undefined }, audit: { logToConsole: false } }),
      ],
      controllers: [WithoutClaims],
    })
    class Gone {}
    const record = (level: string) => (message: unknown) => void (level === 'warn' && warnings.push(String(message)));
    const logger = { log: record('log'), error: record('error'), warn: record('warn'), debug: record('debug') };
    const running = await startApp('fastify', Gone, { logger });
    for (let call = 0; call < 3; call++) {
      const response = await fetch(`${running.url}/unknown/human`, { headers: { 'x-user': 'alice' } });
      expect(response.status).toBe(403);
    }
    expect(warnings.filter((warning) => warning.includes('identity.getClaims'))).toHaveLength(1);
    await running.close();
  });
});
