import {
  ConfigurableModuleBuilder,
  Inject,
  Logger,
  Module,
  Optional,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthEvents } from '../events/auth-events.js';
import { M2MTokenDetector } from '../m2m/m2m-token-detector.js';
import { OptionsError } from '../options/options-error.js';
import { httpRefusal } from '../refusal/refusal.js';
import { JWT_GATE, JwtAuthGuard } from './jwt-auth.guard.js';
import { JwtGate } from './jwt-gate.js';
import { keysUnavailable } from './jwt-refusals.js';
import type { JwtAuthOptions } from './jwt.options.js';
import { registerWithPassport } from './passport-adapter.js';
import { TokenVerifier } from './token-verifier.js';

/** The injection token of the options. */
export const JWT_AUTH_OPTIONS = Symbol.for('nestjs-auth-services.jwt-options');

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<JwtAuthOptions>({
  optionsInjectionToken: JWT_AUTH_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras<{ isGlobal?: boolean | undefined }>({ isGlobal: false }, (definition, { isGlobal }) => ({
    ...definition,
    // `@UseGuards(JwtAuthGuard)` makes the guard in the module of the controller, which has to find the verifier.
    global: true,
    providers: [
      ...(definition.providers ?? []),
      ...(isGlobal === true ? [{ provide: APP_GUARD, useExisting: JwtAuthGuard }] : []),
    ],
  }))
  .build();

/** What `forRootAsync` takes. */
export type JwtAuthAsyncOptions = ConfigurableModuleAsyncOptions<JwtAuthOptions> & { isGlobal?: boolean | undefined };

const tokenVerifier = {
  provide: TokenVerifier,
  inject: [JWT_AUTH_OPTIONS, { token: M2MTokenDetector, optional: true }],
  useFactory: (options: JwtAuthOptions, detector: M2MTokenDetector | undefined): TokenVerifier => {
    if (options?.isGlobal !== undefined) {
      throw new OptionsError(
        'ERR_AUTH_SERVICES_OPTION_MISPLACED',
        'isGlobal decides how the module is built, before its factory runs: put it beside useFactory, not into what that returns.',
      );
    }
    const logger = new Logger('JwtAuth');
    return new TokenVerifier(options, detector ?? new M2MTokenDetector(), (message) => logger.warn(message));
  },
};

/** The guard that a test may override is the one that all attached guards ask. */
const jwtAuthGuard = {
  provide: JwtAuthGuard,
  inject: [TokenVerifier, { token: AuthEvents, optional: true }],
  useFactory: (verifier: TokenVerifier, events: AuthEvents | undefined): JwtAuthGuard =>
    new JwtAuthGuard(new JwtGate(verifier, events)),
};

/**
 * Bearer tokens verified on passport-jwt: `JwtAuthGuard` and what it needs.
 *
 * Where `AuthServicesModule` is imported too, its detector says what kind of caller a token names, its audit events carry the
 * reason of a 401, and its metrics the time of each verification.
 *
 * @example
 * ```ts
 * @Module({
 *   imports: [
 *     JwtAuthModule.forRoot({
 *       issuers: [{ issuer: 'https://id.example.com', audience: 'orders' }],
 *       isGlobal: true,
 *     }),
 *     AuthServicesModule.forRoot(),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({
  providers: [tokenVerifier, jwtAuthGuard, { provide: JWT_GATE, useExisting: JwtAuthGuard }],
  exports: [tokenVerifier, JwtAuthGuard, JWT_GATE],
})
export class JwtAuthModule extends ConfigurableModuleClass implements OnModuleInit, OnApplicationShutdown {
  private unregister: (() => void) | undefined;

  constructor(
    @Inject(TokenVerifier) private readonly verifier: TokenVerifier,
    @Optional() @Inject(AuthEvents) private readonly events?: AuthEvents,
  ) {
    super();
  }

  /** @throws OptionsError naming the option, its value and the fix. */
  static override forRoot(options: JwtAuthOptions): DynamicModule {
    return super.forRoot(options);
  }

  /** The options come from a factory; `isGlobal` stands beside it. */
  static override forRootAsync(options: JwtAuthAsyncOptions): DynamicModule {
    return super.forRootAsync(options);
  }

  /** @internal */
  onModuleInit(): void {
    this.unregister = registerWithPassport(this.verifier, this.events, (retryAfterSeconds) =>
      httpRefusal(keysUnavailable(retryAfterSeconds)),
    );
  }

  /** The last hook: requests that are still running may need keys until then. */
  onApplicationShutdown(): void {
    this.unregister?.();
    this.verifier.close();
  }
}
