// The module and its options
export { AuthServicesModule } from './auth-services.module.js';
export { AUTH_SERVICES_OPTIONS } from './auth-services.options.js';
export type { AuthServicesAsyncOptions, AuthServicesExtras, AuthServicesOptions } from './auth-services.options.js';
export { OptionsError } from './options/options-error.js';

// Who is calling
export { CurrentCaller, TokenClaims } from './request/caller.decorator.js';
export type { Caller, CallerKind, IdentityOptions } from './request/caller.js';
export type { Transport } from './request/transports/index.js';
export type { JwtClaims } from './request/claims.js';
export { Callers } from './request/callers.js';

// Machines and people
export { HumanOnly } from './m2m/human-only.decorator.js';
export { HumanOnlyGuard } from './m2m/human-only.guard.js';
export { M2MOnly } from './m2m/m2m-only.decorator.js';
export type { M2MOnlyOptions } from './m2m/m2m-only.decorator.js';
export { M2MOnlyGuard } from './m2m/m2m-only.guard.js';
export { M2MTokenDetector } from './m2m/m2m-token-detector.js';
export type { ClaimRule, M2MOptions, M2MProfile, M2MProvider } from './m2m/m2m.options.js';
export type { TokenKind, TokenMetadata, TokenVerdict, VerdictConfidence } from './m2m/token-verdict.js';

// Rate limiting
export { rateLimitHeaders } from './rate-limit/headers.js';
export type { RateLimitHeadersFormat } from './rate-limit/headers.js';
export { MemoryRateLimitStorage } from './rate-limit/memory/memory-rate-limit-storage.js';
export type {
  MemoryRateLimitStats,
  MemoryRateLimitStorageOptions,
} from './rate-limit/memory/memory-rate-limit-storage.js';
export { RateLimit } from './rate-limit/rate-limit.decorator.js';
export { RateLimitGuard } from './rate-limit/rate-limit.guard.js';
export { RateLimiter } from './rate-limit/rate-limiter.js';
export { RateLimiterService } from './rate-limit/rate-limiter.service.js';
export { SettleCost } from './rate-limit/settle-cost.decorator.js';
export type { CostSettlement } from './rate-limit/settle-cost.decorator.js';
export { SkipRateLimit } from './rate-limit/skip-rate-limit.decorator.js';
export { tooManyRequests } from './rate-limit/too-many-requests.js';
export type { PerIpOptions, RateLimitHeadersOption, RateLimitOptions } from './rate-limit/rate-limit.options.js';
export type { RateLimitAlgorithm } from './rate-limit/algorithms/index.js';
export type {
  PolicyRef,
  RateLimitDecision,
  RateLimitIdentifier,
  RateLimitIdentity,
  RateLimitOutcome,
  RateLimitPolicy,
  RateLimitSource,
} from './rate-limit/rate-limit.policy.js';
export type { Awaitable, RateLimitAnswer, RateLimitCharge, RateLimitStorage } from './rate-limit/storage.js';

// Audit
export { Audit } from './audit/audit.decorator.js';
export { AuditInterceptor } from './audit/audit.interceptor.js';
export { AuditLogger } from './audit/audit-logger.js';
export { toEcs } from './audit/formats/ecs.js';
export { toOcsf } from './audit/formats/ocsf.js';
export { SkipAudit } from './audit/skip-audit.decorator.js';
export { ConsoleAuditSink } from './audit/sinks/console-audit-sink.js';
export { verifyAuditLog } from './audit/chain/verify/verify-audit-log.js';
export { FileAuditSink } from './audit/sinks/file-audit-sink.js';
export type { FileAuditSinkOptions } from './audit/sinks/file-audit-sink.js';
export type { AuditVerification, VerifiedChain, VerifyOptions } from './audit/chain/verify/verify-audit-log.js';
export type { AuditProblem, OpenClass, ProblemClass, TamperClass } from './audit/chain/verify/problem.js';
export type { ConsoleAuditSinkOptions } from './audit/sinks/console-audit-sink.js';
export type {
  AuditDetails,
  AuditEntry,
  AuditEvent,
  AuditEventType,
  AuditOutcome,
  AuditReceipt,
  AuditSinkStatus,
  AuditStatus,
} from './audit/audit-event.js';
export type { AuditDurability, AuditRouteOptions } from './audit/audit-rules.js';
export type { AuditPosition, AuditSink } from './audit/audit-sink.js';
export type { AuditOptions, AuditQueueOptions, DeadLetterReason } from './audit/audit.options.js';

// Metrics
export { MetricsCollector } from './metrics/metrics-collector.js';
export { serveMetrics } from './metrics/metrics-server.js';
export type { MetricsServer, MetricsServerOptions } from './metrics/metrics-server.js';
export { SharedMetrics } from './metrics/shared-metrics.js';
export type { SharedMetricsOptions } from './metrics/shared-metrics.js';
export type { ExpositionFormat } from './metrics/exposition.js';
export type { IdentityDisplay, MetricsOptions } from './metrics/metrics.options.js';
export type { DeniedIdentity, MetricsSnapshot } from './metrics/metrics-snapshot.js';

// What happened, told once
export { AUTH_EVENTS_CHANNEL, AuthEvents } from './events/auth-events.js';
export type { AuthEventListener } from './events/auth-events.js';
export type * from './events/auth-event.js';
