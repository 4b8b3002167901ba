// Real: Nest's own container and testing module, both frameworks where a request is asked. Faked: nothing.
import { Controller, Get, Global, Inject, Injectable, Module, UseGuards } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import {
  AUTH_SERVICES_OPTIONS,
  AuditLogger,
  AuthServicesModule,
  HumanOnly,
  HumanOnlyGuard,
  M2MOnly,
  M2MOnlyGuard,
  M2MTokenDetector,
  MemoryRateLimitStorage,
  MetricsCollector,
  RateLimit,
  RateLimiterService,
  RateLimitGuard,
  SkipRateLimit,
  type AuditSink,
  type AuthServicesExtras,
  type AuthServicesOptions,
} from '../../src/index.js';
import { createApp } from '../support/app.js';
import { HeaderAuthGuard } from '../support/header-auth.js';

const QUIET: AuthServicesOptions = { audit: { logToConsole: false }, rateLimit: { singleProcess: true } };
const limited = (maxRequests: number): AuthServicesOptions => ({
  ...QUIET,
  rateLimit: { singleProcess: true, default: { maxRequests } },
});

@Controller()
class Limited {
  @Get('limited') @RateLimit() limited() {
    return 'ok';
  }
}

/** A logger that keeps what was warned about. */
function recordingLogger() {
  const warnings: string[] = [];
  const ignore = () => undefined;
  return {
    warnings,
    logger: {
      log: ignore,
      error: ignore,
      debug: ignore,
      verbose: ignore,
      warn: (text: unknown) => void warnings.push(String(text)),
    },
  };
}

describe('AuthServicesModule', () => {
  it('works without any option', async () => {
    @Module({ imports: [AuthServicesModule.forRoot()], controllers: [Limited] })
    class App {}
    const app = await createApp('express', App);
    for (const service of [M2MTokenDetector, RateLimiterService, AuditLogger, MetricsCollector]) {
      expect(app.get(service)).toBeInstanceOf(service);
    }
    await request(app.getHttpServer()).get('/limited').expect(200).expect('X-RateLimit-Limit', '100');
    await app.close();
  });

  @Injectable()
  class Settings {
    readonly maxRequests = 7;
    createAuthServicesOptions(): AuthServicesOptions {
      return limited(this.maxRequests);
    }
  }
  @Global()
  @Module({ providers: [Settings], exports: [Settings] })
  class SettingsModule {}

  it.each([
    ['useFactory', { useFactory: () => limited(7) }],
    ['useFactory with inject', { inject: [Settings], useFactory: (s: Settings) => limited(s.maxRequests) }],
    ['useFactory with a promise', { useFactory: () => Promise.resolve(limited(7)) }],
    ['useClass', { useClass: Settings }],
    ['useExisting', { useExisting: Settings }],
  ])('is configured asynchronously by %s as by forRoot', async (_how, how) => {
    @Module({ imports: [SettingsModule, AuthServicesModule.forRootAsync(how)], controllers: [Limited] })
    class App {}
    const app = await createApp('express', App);
    await request(app.getHttpServer()).get('/limited').expect(200).expect('X-RateLimit-Limit', '7');
    await app.close();
  });

  it('is global unless told otherwise, so that decorators work in every module', async () => {
    @Module({ controllers: [Limited] })
    class Feature {}
    const start = (isGlobal: boolean | undefined) => {
      @Module({ imports: [AuthServicesModule.forRoot({ ...QUIET, isGlobal }), Feature] })
      class App {}
      return createApp('express', App);
    };
    await (await start(undefined)).close();
    await expect(start(false)).rejects.toThrow(/resolve dependencies/);
  });

  it.each<[string, object, string, RegExp]>([
    ['a misspelt key', { rateLimits: {} }, 'UNKNOWN', /^rateLimits is not an option\. Did you mean "rateLimit"\?$/],
    [
      'a misspelt key inside',
      { rateLimit: { default: { maxRequest: 1 } } },
      'UNKNOWN',
      /^rateLimit\.default\.maxRequest is not .* "maxRequests"\?$/,
    ],
    [
      'a number from the environment',
      { rateLimit: { default: { maxRequests: '100' } } },
      'TYPE',
      /^rateLimit\.default\.maxRequests .*"100" \(string\).*Number\(\)/,
    ],
    ['NaN', { rateLimit: { default: { windowSeconds: NaN } } }, 'RANGE', /^rateLimit\.default\.windowSeconds .*NaN/],
    [
      'a negative',
      { rateLimit: { policies: { login: { maxRequests: -1 } } } },
      'RANGE',
      /^rateLimit\.policies\.login\.maxRequests .*-1/,
    ],
    ['a wrong type', { audit: { sinks: {} } }, 'TYPE', /^audit\.sinks must be/],
    ['an unknown provider', { m2m: { provider: 'congito' } }, '', /^m2m\.provider .*cognito/],
    [
      'a metrics endpoint that nobody may read',
      { metricsEndpoint: {} },
      '',
      /metricsEndpoint.*metrics\.(authorize|token|allowAnonymous)/s,
    ],
    ['an extra of the wrong type', { isGlobal: 'yes' }, 'TYPE', /^isGlobal must be true or false/],
    ['a hook that is no function', { identity: { getIp: 'x-real-ip' } }, 'TYPE', /^identity\.getIp must be a function/],
    [
      'an algorithm of a later version',
      { rateLimit: { default: { algorithm: 'leaky-bucket' } } },
      '',
      /^rateLimit\.default\.algorithm/,
    ],
    ['a later audit feature', { audit: { pseudonymKey: 'short' } }, 'RANGE', /^audit\.pseudonymKey/],
  ])(
    'refuses %s at start, naming path, value and fix, whether given directly or by a factory',
    async (_what, options, code, message) => {
      const start = async (module: () => ReturnType<typeof AuthServicesModule.forRoot>) => {
        // forRoot itself may throw: that is at start as well.
        @Module({ imports: [module()] })
        class App {}
        await (await createApp('express', App)).close();
      };
      const expected = {
        name: 'OptionsError',
        message: expect.stringMatching(message),
        code: expect.stringContaining(code),
      };
      await expect(start(() => AuthServicesModule.forRoot(options))).rejects.toMatchObject(expected);
      const { isGlobal, metricsEndpoint, ...rest } = options as AuthServicesExtras & Record<string, unknown>;
      const extras = { isGlobal, metricsEndpoint };
      await expect(
        start(() => AuthServicesModule.forRootAsync({ ...extras, useFactory: () => rest as AuthServicesOptions })),
      ).rejects.toMatchObject(expected);
    },
  );

  it.each(['isGlobal', 'globalRateLimit', 'auditRequests', 'metricsEndpoint'])(
    'refuses %s from a factory, which runs too late for the module’s shape, and says where it belongs',
    async (extra) => {
      @Module({ imports: [AuthServicesModule.forRootAsync({ useFactory: () => ({ [extra]: false }) })] })
      class App {}
      await expect(createApp('express', App)).rejects.toMatchObject({
        code: 'ERR_AUTH_SERVICES_OPTION_MISPLACED',
        message: expect.stringContaining(`forRootAsync({ ${extra}: …`),
      });
    },
  );

  it.each([
    ['@RateLimit', (name: string) => RateLimit(name)],
    ['@SkipRateLimit', (name: string) => SkipRateLimit(name)],
  ])(
    'refuses %s of a policy that does not exist, with the nearest one, because nothing would be limited',
    async (_d, decorate) => {
      @Controller()
      class Typo {
        @Get() @decorate('logn') login() {
          return 'ok';
        }
      }
      @Module({
        imports: [
          AuthServicesModule.forRoot({
            ...QUIET,
            rateLimit: { singleProcess: true, policies: { login: { maxRequests: 5 } } },
          }),
        ],
        controllers: [Typo],
      })
      class App {}
      await expect(createApp('express', App)).rejects.toMatchObject({
        name: 'OptionsError',
        message: expect.stringMatching(/Typo\.login.*"logn".*"login"/s),
      });
    },
  );

  it('warns about counts in memory in production, because every pod would have its own, and is silent once told', async () => {
    const start = async (rateLimit: AuthServicesOptions['rateLimit']) => {
      @Module({
        imports: [AuthServicesModule.forRoot({ audit: { logToConsole: false }, rateLimit })],
        controllers: [Limited],
      })
      class App {}
      const { warnings, logger } = recordingLogger();
      await (await createApp('express', App, { logger })).close();
      return warnings;
    };
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = 'production';
    try {
      expect(await start(undefined)).toEqual([expect.stringContaining('rateLimit.singleProcess')]);
      expect(await start({ singleProcess: true })).toEqual([]);
    } finally {
      process.env['NODE_ENV'] = before;
    }
    expect(await start(undefined)).toEqual([]);
  });

  it('meets itself twice: says so, and counts and logs a request once all the same', async () => {
    const options: AuthServicesOptions & { globalRateLimit: boolean } = { ...limited(10), globalRateLimit: true };
    @Module({
      imports: [AuthServicesModule.forRoot({ ...options }), AuthServicesModule.forRoot({ ...options })],
      controllers: [Limited],
    })
    class App {}
    const { warnings, logger } = recordingLogger();
    const app = await createApp('express', App, { logger });
    expect(warnings).toEqual([expect.stringMatching(/AuthServicesModule.*(twice|2)/)]);
    await request(app.getHttpServer()).get('/limited').expect(200).expect('X-RateLimit-Remaining', '9');
    await app.close();
  });

  it('logs nothing at start when all is well', async () => {
    @Module({ imports: [AuthServicesModule.forRoot(QUIET)], controllers: [Limited] })
    class App {}
    const lines: unknown[] = [];
    const keep = (line: unknown, ...rest: unknown[]) => void lines.push([line, ...rest]);
    const app = await createApp('express', App, { logger: { log: keep, warn: keep, error: keep } });
    expect(lines.filter((line) => JSON.stringify(line).match(/AuthServices"|Audit"|rate limit/i))).toEqual([]);
    await app.close();
  });

  it('writes the audit trail at the end although the store of the counts cannot even be closed, and says so', async () => {
    const storage = new MemoryRateLimitStorage();
    storage.close = () => {
      throw new Error('connection refused');
    };
    let isClosed = false;
    const sink: AuditSink = {
      write: () => undefined,
      close: () => {
        isClosed = true;
        return Promise.resolve();
      },
    };
    @Module({ imports: [AuthServicesModule.forRoot({ audit: { sinks: [sink] }, rateLimit: { storage } })] })
    class App {}
    const { warnings, logger } = recordingLogger();
    const app = await createApp('express', App, { logger });
    await app.close();
    expect(isClosed).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('connection refused')]);
  });

  it('starts without HTTP, in a standalone context, for jobs that only want the services', async () => {
    const { NestFactory } = await import('@nestjs/core');
    @Module({ imports: [AuthServicesModule.forRoot(QUIET)] })
    class Job {}
    const context = await NestFactory.createApplicationContext(Job, { logger: false });
    const decision = await context.get(RateLimiterService).consume({ user: 'alice' }, { maxRequests: 1 });
    expect(decision.allowed).toBe(true);
    await context.close();
  });
});

describe('in a user’s test', () => {
  @Controller()
  @UseGuards(HeaderAuthGuard)
  class Guarded {
    @Get('human') @HumanOnly() human() {
      return 'human';
    }
    @Get('m2m') @M2MOnly() m2m() {
      return 'm2m';
    }
    @Get('never') @RateLimit({ maxRequests: 0 }) never() {
      return 'limited';
    }
  }
  const allow = { canActivate: () => true };

  it.each([
    ['/human', HumanOnlyGuard, { 'x-machine': 'billing' }, 403],
    ['/m2m', M2MOnlyGuard, { 'x-user': 'alice' }, 403],
    ['/never', RateLimitGuard, { 'x-user': 'alice' }, 429],
  ])('overrideProvider and overrideGuard replace the guard behind %s', async (path, guard, headers, refused) => {
    const build = () =>
      Test.createTestingModule({
        imports: [AuthServicesModule.forRoot({ ...QUIET, m2m: { provider: 'cognito' } })],
        controllers: [Guarded],
      });
    const status = async (builder: ReturnType<typeof build>) => {
      const app = (await builder.compile()).createNestApplication({ logger: false });
      await app.init();
      const response = await request(app.getHttpServer()).get(path).set(headers);
      await app.close();
      return response.status;
    };
    expect(await status(build())).toBe(refused);
    expect(await status(build().overrideProvider(guard).useValue(allow))).toBe(200);
    expect(await status(build().overrideGuard(guard).useValue(allow))).toBe(200);
  });

  it('overrideProvider(AUTH_SERVICES_OPTIONS) changes the options', async () => {
    const builder = Test.createTestingModule({ imports: [AuthServicesModule.forRoot(QUIET)], controllers: [Limited] });
    const module = await builder.overrideProvider(AUTH_SERVICES_OPTIONS).useValue(limited(3)).compile();
    const app = module.createNestApplication({ logger: false });
    await app.init();
    await request(app.getHttpServer()).get('/limited').expect(200).expect('X-RateLimit-Limit', '3');
    await app.close();
  });

  it('a provider of the application gets the services by their classes', async () => {
    @Injectable()
    class Uses {
      constructor(
        @Inject(RateLimiterService) readonly limiter: RateLimiterService,
        @Inject(AuditLogger) readonly audit: AuditLogger,
        @Inject(MetricsCollector) readonly metrics: MetricsCollector,
        @Inject(M2MTokenDetector) readonly detector: M2MTokenDetector,
      ) {}
    }
    const module = await Test.createTestingModule({
      imports: [AuthServicesModule.forRoot(QUIET)],
      providers: [Uses],
    }).compile();
    const uses = module.get(Uses);
    expect(uses.limiter).toBe(module.get(RateLimiterService));
    await module.close();
  });
});
