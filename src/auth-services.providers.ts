import { type FactoryProvider, type Provider, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuditInterceptor } from './audit/audit.interceptor.js';
import { AuditLogger } from './audit/audit-logger.js';
import { Durability } from './audit/durability.js';
import { RequestEvents } from './audit/request-events.js';
import { checkedOptions, AUTH_SERVICES_OPTIONS, type AuthServicesOptions } from './auth-services.options.js';
import { startup } from './auth-services.startup.js';
import { steadyMilliseconds } from './options/clock.js';
import { CHECKED_OPTIONS, clockOf, logger, made, RATE_LIMITING, type Shape } from './auth-services.wiring.js';
import { AuthEvents } from './events/auth-events.js';
import { HUMAN_ONLY_GATE, HumanOnlyGuard } from './m2m/human-only.guard.js';
import { KindGate } from './m2m/kind-gate.js';
import { M2M_ONLY_GATE, M2MOnlyGuard } from './m2m/m2m-only.guard.js';
import { M2MTokenDetector } from './m2m/m2m-token-detector.js';
import { countAuthEvents } from './metrics/count-auth-events.js';
import { MetricsCollector } from './metrics/metrics-collector.js';
import { METRICS_OPTIONS, MetricsEndpointGuard } from './metrics/metrics-endpoint.guard.js';
import { Enforcement } from './rate-limit/enforcement.js';
import { RATE_LIMIT_GATE, RateLimitGuard } from './rate-limit/rate-limit.guard.js';
import { RateLimiterService } from './rate-limit/rate-limiter.service.js';
import { createRateLimiting, type RateLimiting } from './rate-limit/rate-limiting.js';
import type { Caller } from './request/caller.js';
import { Callers } from './request/callers.js';

const checked = made(CHECKED_OPTIONS, [AUTH_SERVICES_OPTIONS], checkedOptions);

const shared: readonly Provider[] = [
  made(
    AuthEvents,
    [],
    () => new AuthEvents((error) => logger().error('A listener of the events failed; this is said once.', error)),
  ),
  made(M2MTokenDetector, [CHECKED_OPTIONS], ({ m2m }: AuthServicesOptions) => new M2MTokenDetector(m2m)),
  made(
    Callers,
    [CHECKED_OPTIONS, M2MTokenDetector],
    ({ identity }: AuthServicesOptions, detector: M2MTokenDetector) =>
      new Callers(identity, detector, (hook, error) =>
        logger().error(`identity.${hook} failed and found nothing; this is said once.`, error),
      ),
  ),
  made(MetricsCollector, [CHECKED_OPTIONS, AuthEvents], (options: AuthServicesOptions, events: AuthEvents) => {
    const collector = new MetricsCollector(options.metrics, clockOf(options));
    events.subscribe(countAuthEvents(collector));
    return collector;
  }),
  made(METRICS_OPTIONS, [CHECKED_OPTIONS], ({ metrics }: AuthServicesOptions) => metrics ?? {}),
  made(
    AuditLogger,
    [CHECKED_OPTIONS, AuthEvents],
    (options: AuthServicesOptions, events: AuthEvents) =>
      new AuditLogger(options.audit, (event) => events.publish(event), clockOf(options)),
  ),
  made(
    RequestEvents,
    [CHECKED_OPTIONS, AuditLogger, Callers],
    (options: AuthServicesOptions, audit: AuditLogger, callers: Callers) =>
      new RequestEvents((where) => audit.noteError(where), callers, options.audit),
  ),
  made(
    Durability,
    [AuditLogger, RequestEvents],
    (audit: AuditLogger, requestEvents: RequestEvents) => new Durability(audit, requestEvents),
  ),
];

/** The two gates are made alike. The guard that a test may override is the one that all attached guards ask. */
const kindGuards: readonly Provider[] = [
  kindGuard(HumanOnlyGuard, 'human'),
  { provide: HUMAN_ONLY_GATE, useExisting: HumanOnlyGuard },
  kindGuard(M2MOnlyGuard, 'm2m'),
  { provide: M2M_ONLY_GATE, useExisting: M2MOnlyGuard },
];

function kindGuard<T>(guard: Type<T>, kind: 'human' | 'm2m'): FactoryProvider<T> {
  return made(guard, [Callers, M2MTokenDetector], (callers: Callers, detector: M2MTokenDetector) => {
    const rules = { unknown: detector.unknown, scopesOf: ({ claims }: Caller) => detector.classify(claims).scopes };
    return new guard(new KindGate(kind, callers, rules, (message) => logger().warn(message)));
  });
}

const rateLimit = (shape: Shape): readonly Provider[] => [
  made(
    RATE_LIMITING,
    [CHECKED_OPTIONS, Callers, AuthEvents],
    (options: AuthServicesOptions, callers: Callers, events: AuthEvents) =>
      createRateLimiting(options.rateLimit ?? {}, {
        callers,
        events,
        now: options.now ?? steadyMilliseconds(),
        warn: (message) => logger().warn(message),
        isGlobal: shape.globalRateLimit === true,
      }),
  ),
  made(RateLimiterService, [RATE_LIMITING], ({ service }: RateLimiting) => service),
  made(Enforcement, [RATE_LIMITING], ({ enforcement }: RateLimiting) => enforcement),
  made(RateLimitGuard, [Enforcement], (enforcement: Enforcement) => new RateLimitGuard(enforcement)),
  { provide: RATE_LIMIT_GATE, useExisting: RateLimitGuard },
  // `useExisting`, so that a test that overrides the guard reaches this one too.
  ...(shape.globalRateLimit === true ? [{ provide: APP_GUARD, useExisting: RateLimitGuard }] : []),
];

export const providersFor = (shape: Shape): Provider[] => [
  checked,
  ...shared,
  ...rateLimit(shape),
  ...kindGuards,
  MetricsEndpointGuard,
  AuditInterceptor,
  startup(shape),
];

/** Services that may be injected, and what the guards and interceptors need that Nest makes in the modules of their routes. */
export const exported: readonly (Provider | Type | symbol)[] = [
  AUTH_SERVICES_OPTIONS,
  AuthEvents,
  AuditLogger,
  Callers,
  Durability,
  Enforcement,
  HUMAN_ONLY_GATE,
  HumanOnlyGuard,
  M2M_ONLY_GATE,
  M2MOnlyGuard,
  M2MTokenDetector,
  METRICS_OPTIONS,
  MetricsCollector,
  RATE_LIMIT_GATE,
  RateLimiterService,
  RateLimitGuard,
];
