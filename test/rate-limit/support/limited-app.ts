// A module with nothing in it but the limiter: the room as the real module wires it, and an application's own
// authentication, which reads the headers `x-user` and `x-machine`.
import {
  Global,
  Injectable,
  Module,
  UnauthorizedException,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { APP_GUARD, ModulesContainer } from '@nestjs/core';
import { AuthEvents } from '../../../src/events/auth-events.js';
import type { AuthEvent } from '../../../src/events/auth-event.js';
import { createRateLimiting, type RateLimiting } from '../../../src/rate-limit/rate-limiting.js';
import { Enforcement } from '../../../src/rate-limit/enforcement.js';
import { RATE_LIMIT_GATE, RateLimitGuard } from '../../../src/rate-limit/rate-limit.guard.js';
import { lateRateLimitGuard } from '../../../src/rate-limit/late-rate-limit.guard.js';
import { rateLimitInterceptor } from '../../../src/rate-limit/rate-limit.interceptor.js';
import type { RateLimitOptions } from '../../../src/rate-limit/rate-limit.options.js';
import { RateLimiterService } from '../../../src/rate-limit/rate-limiter.service.js';
import { Callers } from '../../../src/request/callers.js';
import { findRecord } from '../../../src/request/record.js';
import { placeBehind } from '../../../src/startup/behind-guards.js';
import { classesOf } from '../../../src/startup/routes.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { createApp, type Adapter } from '../../support/app.js';

export interface Limited {
  readonly app: INestApplication;
  readonly clock: ManualClock;
  readonly limiting: RateLimiting;
  readonly service: RateLimiterService;
  readonly warnings: string[];
  readonly events: AuthEvent[];
  ask(path: string, headers?: Record<string, string>, method?: string): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

@Injectable()
export class Auth implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: unknown }>();
    const { 'x-user': user, 'x-machine': machine } = request.headers;
    if (user !== undefined) request.user = { id: user };
    else if (machine !== undefined) request.user = { isM2M: true, clientId: machine };
    else throw new UnauthorizedException();
    return true;
  }
}

/** Lets everybody in, and says who it is if they say so. */
@Injectable()
export class OptionalAuth extends Auth {
  override canActivate(context: ExecutionContext): boolean {
    try {
      return super.canActivate(context);
    } catch {
      return true;
    }
  }
}

export interface LimitedSettings {
  readonly options?: RateLimitOptions;
  readonly controllers: readonly Type[];
  readonly globalRateLimit?: boolean;
  /** Modules that are imported, before and after the limiter's own. */
  readonly before?: readonly Type[];
  readonly after?: readonly Type[];
  readonly providers?: DynamicModule['providers'];
}

function limiterModule(limiting: RateLimiting, isGlobalLimit: boolean): DynamicModule {
  @Global()
  @Module({})
  class LimiterModule {}
  return {
    module: LimiterModule,
    providers: [
      { provide: Enforcement, useValue: limiting.enforcement },
      { provide: RateLimiterService, useValue: limiting.service },
      { provide: RateLimitGuard, inject: [Enforcement], useFactory: (gate: Enforcement) => new RateLimitGuard(gate) },
      { provide: RATE_LIMIT_GATE, useExisting: RateLimitGuard },
      ...(isGlobalLimit ? [{ provide: APP_GUARD, useExisting: RateLimitGuard }] : []),
    ],
    exports: [Enforcement, RateLimiterService, RateLimitGuard, RATE_LIMIT_GATE],
  };
}

export function makeLimiting(options: RateLimitOptions, globalRateLimit: boolean) {
  const clock = new ManualClock();
  const warnings: string[] = [];
  const events: AuthEvent[] = [];
  const bus = new AuthEvents();
  bus.subscribe((event) => void events.push(event));
  const callers = new Callers({}, { classify: () => ({ kind: 'unknown', clientId: null, subject: null }) });
  const limiting = createRateLimiting(options, {
    callers,
    events: bus,
    now: clock.now,
    warn: (message) => void warnings.push(message),
    isGlobal: globalRateLimit,
  });
  return { clock, warnings, events, bus, limiting };
}

export async function startLimited(adapter: Adapter, settings: LimitedSettings): Promise<Limited> {
  const { options = {}, controllers, globalRateLimit = false, before = [], after = [], providers = [] } = settings;
  const { clock, warnings, events, bus, limiting } = makeLimiting(options, globalRateLimit);
  @Module({
    imports: [...before, limiterModule(limiting, globalRateLimit), ...after],
    controllers: [...controllers],
    providers,
  })
  class App {}
  const app = await createApp(adapter, App, {
    configure: (made) => {
      placeBehind(classesOf(made.get(ModulesContainer)), ({ controller, method }) =>
        limiting.routes.isLimited(controller, method)
          ? {
              guard: lateRateLimitGuard,
              interceptor: rateLimitInterceptor,
              aroundRoutes: limiting.routes.holdsLease(controller, method),
            }
          : undefined,
      );
      tellEnds(made, adapter, bus);
    },
  });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  const ask = async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers, method });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  return { app, clock, limiting, service: limiting.service, warnings, events, ask };
}

/** What the entrance of the real module does at the end of each request, as far as the limiter needs it. */
function tellEnds(app: INestApplication, adapter: Adapter, bus: AuthEvents): void {
  const watch = (
    request: object,
    response: { statusCode: number; once(event: 'close', listener: () => void): void },
  ) => {
    response.once('close', () => {
      const record = findRecord(request);
      if (record === undefined) return;
      bus.publish({ type: 'request.ended', record, statusCode: response.statusCode, aborted: false, durationMs: 0 });
    });
  };
  if (adapter === 'express') {
    app.use((request: object, response: Parameters<typeof watch>[1], next: () => void) => {
      watch(request, response);
      next();
    });
  } else {
    const instance = app.getHttpAdapter().getInstance() as {
      addHook(
        name: string,
        hook: (request: { raw: object }, reply: { raw: Parameters<typeof watch>[1] }, done: () => void) => void,
      ): void;
    };
    instance.addHook('onRequest', (request, reply, done) => {
      watch(request.raw, reply.raw);
      done();
    });
  }
}
