import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
import { checkAuditOptions, type AuditOptions } from './audit/audit.options.js';
import { checkM2MOptions, type M2MOptions } from './m2m/m2m.options.js';
import { checkMetricsOptions, type MetricsOptions } from './metrics/metrics.options.js';
import { boolean, callable, either, isPlainObject, oneOf, shape, shown, string, typeError } from './options/check.js';
import { OptionsError } from './options/options-error.js';
import { checkRateLimitOptions, type RateLimitOptions } from './rate-limit/rate-limit.options.js';
import type { IdentityOptions } from './request/caller.js';
import { checkIdentityOptions } from './request/identity.options.js';

/** The options of the four services, for `AuthServicesModule.forRoot()` or from the factory of `forRootAsync()`. */
export interface AuthServicesOptions {
  /** Where your authentication leaves who is calling. The defaults fit passport and most guards. */
  identity?: IdentityOptions | undefined;
  m2m?: M2MOptions | undefined;
  rateLimit?: RateLimitOptions | undefined;
  audit?: AuditOptions | undefined;
  metrics?: MetricsOptions | undefined;
  /**
   * The clock of all services, in epoch milliseconds. @default `performance.timeOrigin + performance.now()`, which no
   * jump of the wall clock moves
   */
  now?: (() => number) | undefined;
}

/** The module's shape: needed before any factory has run. Returning one of these from an async factory throws. */
export interface AuthServicesExtras {
  /** Whether every module can inject the services without importing this one. @default true */
  isGlobal?: boolean | undefined;
  /** {@link RateLimitGuard} on every route, with `rateLimit.default`. @default false */
  globalRateLimit?: boolean | undefined;
  /** One audit event for each request; `false`: only for `@Audit()` and `AuditInterceptor`. @default true */
  auditRequests?: boolean | undefined;
  /** Whether, and under which path, the metrics can be read. @default false; path `'metrics'` */
  metricsEndpoint?: false | { path?: string | undefined } | undefined;
}

/** What `forRootAsync` takes: how the options are made, and beside it what shapes the module. */
export type AuthServicesAsyncOptions = ConfigurableModuleAsyncOptions<
  AuthServicesOptions,
  'createAuthServicesOptions'
> &
  AuthServicesExtras;

/** The token of the options as they were given: `overrideProvider(AUTH_SERVICES_OPTIONS)` changes them in a test. */
export const AUTH_SERVICES_OPTIONS: symbol = Symbol.for('nestjs-auth-services.options');

export const EXTRAS = { isGlobal: true, globalRateLimit: false, auditRequests: true, metricsEndpoint: false } as const;

const checkExtras = shape<AuthServicesExtras>({
  isGlobal: boolean,
  globalRateLimit: boolean,
  auditRequests: boolean,
  metricsEndpoint: either('false or { path }', oneOf(false), shape<{ path?: string }>({ path: string })),
});

const checkServices = shape<AuthServicesOptions>({
  identity: checkIdentityOptions,
  m2m: checkM2MOptions,
  rateLimit: checkRateLimitOptions,
  audit: checkAuditOptions,
  metrics: checkMetricsOptions,
  now: callable,
});

/** What `forRoot` and `forRootAsync` take beside the services' own options. */
export function checkedExtras(given: AuthServicesExtras): Required<AuthServicesExtras> {
  // Nest hands over everything that was given; the services' own options are checked when they are injected.
  const extras = Object.fromEntries(
    Object.entries(given).filter(([key, value]) => Object.hasOwn(EXTRAS, key) && value !== undefined),
  );
  checkExtras(extras, '');
  return { ...EXTRAS, ...extras };
}

/** The options as given or made by a factory; the same error, at the same moment, for both. */
export function checkedOptions(options: unknown): AuthServicesOptions {
  if (!isPlainObject(options)) throw typeError('The options of AuthServicesModule', 'an object', options);
  for (const extra of Object.keys(EXTRAS)) {
    if (options[extra] === undefined) continue;
    throw new OptionsError(
      'ERR_AUTH_SERVICES_OPTION_MISPLACED',
      `${extra} (${shown(options[extra])}) was returned by the options factory, which runs too late for it: ` +
        `write it beside the factory, forRootAsync({ ${extra}: …, useFactory: … }).`,
    );
  }
  checkServices(options, '');
  return options;
}
