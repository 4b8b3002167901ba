// Where other people's authentication leaves the caller. Real: express-oauth2-jwt-bearer, tokens of each provider with real
// signatures, the module, HTTP. Faked: nest-keycloak-connect and @nestjs-cognito/auth, which do not install beside Nest 11
// or 12, and @nestjs/authentication, which is not published: guards that leave what their sources leave, with verified claims.
import {
  Controller,
  Get,
  Injectable,
  Module,
  UnauthorizedException,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type Type,
} from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { auth } from 'express-oauth2-jwt-bearer';
import {
  AuthServicesModule,
  CurrentCaller,
  HumanOnly,
  M2MOnly,
  RateLimit,
  type Caller,
  type M2MProvider,
} from '../../src/index.js';
import { TestIssuer } from '../../src/testing/index.js';
import { ADAPTERS, startApp, type Adapter, type RunningApp } from '../support/app.js';

interface Request {
  readonly headers: { authorization?: string };
  [place: string | symbol]: unknown;
}

/** The claims of a token whose signature is somebody else's test. */
function claimsOf(request: Request): Record<string, unknown> {
  const [, payload] = request.headers.authorization?.slice('Bearer '.length).split('.') ?? [];
  if (payload === undefined) throw new UnauthorizedException();
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}

abstract class Leaves implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    this.leave(request, claimsOf(request));
    return true;
  }
  abstract leave(request: Request, claims: Record<string, unknown>): void;
}

/** nest-keycloak-connect 1.10.1, guards/auth.guard: `request.user` is the parsed token. */
@Injectable()
class KeycloakGuard extends Leaves {
  leave(request: Request, claims: Record<string, unknown>): void {
    request['user'] = claims;
    request['accessTokenJWT'] = 'the token';
  }
}

/** @nestjs-cognito/auth 1.1.7, abstract.guard: the payload, and a user made of it, under names of their own. */
@Injectable()
class CognitoGuard extends Leaves {
  leave(request: Request, claims: Record<string, unknown>): void {
    request['cognito_jwt_payload'] = claims;
    request['cognito_user'] = {
      username: claims['username'],
      email: claims['email'],
      groups: [],
      clientId: 'of the user pool',
    };
  }
}

const USER_OF = Symbol.for('nestjs.authentication.userOf');

/** @nestjs/authentication: a function on the request that answers for each call, and the request's `user` may be an older one. */
@Injectable()
class FirstPartyGuard extends Leaves {
  leave(request: Request, claims: Record<string, unknown>): void {
    const calls = new WeakMap<object, unknown>([[request, { id: claims['sub'], claims }]]);
    request['user'] = { id: 'of an earlier message' };
    request[USER_OF] = (context: ExecutionContext | undefined) =>
      context === undefined ? calls.get(request) : calls.get(context.switchToHttp().getRequest());
  }
}

/** The same on a public route: `null` is an answer, nobody. */
@Injectable()
class FirstPartyPublicGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    request['user'] = { id: 'of an earlier message', isM2M: false };
    request[USER_OF] = () => null;
    return true;
  }
}

/** The middleware of express-oauth2-jwt-bearer has run. */
@Injectable()
class NoGuard implements CanActivate {
  canActivate = () => true;
}

function appModule(guard: Type<CanActivate>, provider: M2MProvider): Type {
  @Controller()
  @UseGuards(guard)
  class CallerController {
    @Get('who') who(@CurrentCaller() { kind, subject, userId, clientId }: Caller) {
      return { kind, subject, userId, clientId };
    }
    @Get('person') @HumanOnly() person() {
      return 'person';
    }
    @Get('machine') @M2MOnly() machine() {
      return 'machine';
    }
    @Get('limited') @RateLimit({ maxRequests: 1 }) limited() {
      return 'limited';
    }
  }
  @Module({
    imports: [AuthServicesModule.forRoot({ m2m: { provider }, audit: { logToConsole: false } })],
    controllers: [CallerController],
  })
  class App {}
  return App;
}

const AUDIENCE = 'api';
const CARRIERS: [string, Type<CanActivate>, M2MProvider, readonly Adapter[]][] = [
  ['nest-keycloak-connect', KeycloakGuard, 'keycloak', ADAPTERS],
  ['@nestjs-cognito/auth', CognitoGuard, 'cognito', ADAPTERS],
  ['@nestjs/authentication', FirstPartyGuard, 'cognito', ADAPTERS],
  ['express-oauth2-jwt-bearer', NoGuard, 'auth0', ['express']],
];

describe.each(
  CARRIERS.flatMap(([name, guard, provider, adapters]) =>
    adapters.map((adapter) => ({ name, guard, provider, adapter })),
  ),
)('the caller that $name leaves on $adapter', ({ name, guard, provider, adapter }) => {
  let issuer: TestIssuer;
  let running: RunningApp;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
    running = await startApp(adapter, appModule(guard, provider), {
      configure: (app) => {
        if (name !== 'express-oauth2-jwt-bearer') return;
        app.use(auth({ issuer: issuer.issuer, jwksUri: issuer.jwksUri, audience: AUDIENCE, tokenSigningAlg: 'RS256' }));
      },
    });
  });
  afterAll(async () => {
    await running.close();
    await issuer.stop();
  });
  const ask = async (path: string, token: string) =>
    fetch(running.url + path, { headers: { authorization: `Bearer ${token}` } });

  it('is found: a person as a person, a machine as a machine', async () => {
    const [person, machine] = [await issuer.human(provider), await issuer.m2m(provider)];
    const { kind, userId } = (await (await ask('/who', person)).json()) as Caller;
    expect([kind, typeof userId]).toEqual(['human', 'string']);
    const found = (await (await ask('/who', machine)).json()) as Caller;
    expect(found.kind).toBe('m2m');
    expect(found.userId).toBeUndefined();
    expect(typeof found.clientId).toBe('string');
    expect((await ask('/person', person)).status).toBe(200);
    expect((await ask('/person', machine)).status).toBe(403);
    expect((await ask('/machine', machine)).status).toBe(200);
    expect((await ask('/machine', person)).status).toBe(403);
  });

  it('is counted by who they are', async () => {
    const [person, machine] = [await issuer.human(provider), await issuer.m2m(provider)];
    expect([(await ask('/limited', person)).status, (await ask('/limited', machine)).status]).toEqual([200, 200]);
    expect([(await ask('/limited', person)).status, (await ask('/limited', machine)).status]).toEqual([429, 429]);
  });
});

describe.each(ADAPTERS)('a public route of @nestjs/authentication on %s', (adapter) => {
  let running: RunningApp;
  afterEach(() => running.close());

  it('has no caller, whoever an earlier call has left on the request', async () => {
    running = await startApp(adapter, appModule(FirstPartyPublicGuard, 'cognito'));
    expect(await (await fetch(`${running.url}/who`)).json()).toEqual({ kind: 'anonymous' });
    expect((await fetch(`${running.url}/person`)).status).toBe(401);
  });
});
