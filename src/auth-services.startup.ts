import type { Provider } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, ModulesContainer } from '@nestjs/core';
import { AuditLogger } from './audit/audit-logger.js';
import { AuditRecorder } from './audit/audit-recorder.js';
import { AuditRules } from './audit/audit-rules.js';
import { RequestEvents } from './audit/request-events.js';
import type { AuthServicesOptions } from './auth-services.options.js';
import { CHECKED_OPTIONS, clockOf, logger, made, RATE_LIMITING, type Shape } from './auth-services.wiring.js';
import { AuthEvents } from './events/auth-events.js';
import { HumanOnlyGuard } from './m2m/human-only.guard.js';
import { M2MOnlyGuard } from './m2m/m2m-only.guard.js';
import { checkMetricsEndpoint } from './metrics/metrics.options.js';
import { lateRateLimitGuard } from './rate-limit/late-rate-limit.guard.js';
import { rateLimitInterceptor } from './rate-limit/rate-limit.interceptor.js';
import type { RateLimiting } from './rate-limit/rate-limiting.js';
import { routeProblems } from './rate-limit/route-check.js';
import { Callers } from './request/callers.js';
import { callsListener } from './startup/calls-listener.js';
import { checkDurability } from './startup/durable-routes.js';
import { forwardedCheck } from './startup/forwarded-check.js';
import { globalPrefixOf } from './startup/nest-internals.js';
import { requestListener } from './startup/request-listener.js';
import { StartupService } from './startup/startup.service.js';
import { checkStreamCall } from './startup/stream-calls.js';
import { startupWarnings } from './startup/warnings.js';

/** What each room has at start: where it is attached to the application, what it checks, what it says. */
export const startup = (shape: Shape): Provider =>
  made(
    StartupService,
    [
      CHECKED_OPTIONS,
      HttpAdapterHost,
      ModulesContainer,
      ModuleRef,
      Callers,
      AuthEvents,
      RATE_LIMITING,
      AuditLogger,
      RequestEvents,
    ],
    (
      options: AuthServicesOptions,
      host: HttpAdapterHost,
      modules: ModulesContainer,
      moduleRef: ModuleRef,
      callers: Callers,
      events: AuthEvents,
      limiting: RateLimiting,
      audit: AuditLogger,
      requestEvents: RequestEvents,
    ) => {
      if (shape.metricsEndpoint !== false) checkMetricsEndpoint(options.metrics, 'metricsEndpoint');
      const recorder = new AuditRecorder(audit, requestEvents, options.audit, {
        auditRequests: shape.auditRequests,
        globalPrefix: () => globalPrefixOf(moduleRef),
      });
      events.subscribe(recorder.record);
      return new StartupService({
        host,
        modules,
        moduleRef,
        isPlacedLast: (guard) => guard === HumanOnlyGuard || guard === M2MOnlyGuard,
        behind: ({ controller, method }) =>
          limiting.routes.isLimited(controller, method)
            ? {
                guard: lateRateLimitGuard,
                interceptor: rateLimitInterceptor,
                aroundRoutes: limiting.routes.holdsLease(controller, method),
              }
            : undefined,
        entrance: requestListener({
          callers,
          events,
          perIp: limiting.perIp,
          headers: options.rateLimit?.headers,
          now: clockOf(options),
          checkForwarded:
            options.identity?.getIp === undefined ? forwardedCheck((message) => logger().warn(message)) : undefined,
        }),
        calls: callsListener(callers, events, (type, handler) => recorder.isNamed(type, handler)),
        checkRoute: (handler) => {
          const { controller, method } = handler;
          checkStreamCall(handler, shape.globalRateLimit === true);
          checkDurability(handler, audit.canConfirm);
          for (const problem of routeProblems(controller, method, options.rateLimit)) throw problem;
          limiting.routes.of(controller, method);
        },
        report: {
          routes: limiting.routes,
          rules: new AuditRules(),
          isAudited: shape.auditRequests === true,
          perIp: options.rateLimit?.perIp,
        },
        warnings: startupWarnings(options),
        start: () => audit.start(),
        close: async () => {
          // A store that is gone must not keep what is queued from being written.
          await limiting.close().catch((error: unknown) => {
            logger().warn(`rateLimit.storage could not be closed: ${String(error)}`);
          });
          await audit.close();
        },
      });
    },
  );
