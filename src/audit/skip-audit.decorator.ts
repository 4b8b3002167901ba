import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { SKIP_AUDIT_METADATA } from './audit-rules.js';
import { AuditInterceptor } from './audit.interceptor.js';

/**
 * No audit event for what goes well on this route, or on every route of this class. 401, 403, 429 and 5xx leave theirs
 * all the same. On a method it goes before an `@Audit()` of its class, and the other way round.
 *
 * @example
 * ```ts
 * @SkipAudit()
 * @Get('poll')
 * poll() {
 *   return { pending: 0 };
 * }
 * ```
 */
export function SkipAudit(): MethodDecorator & ClassDecorator {
  // The interceptor notes which handler was meant, for the end of the request.
  return applyDecorators(SetMetadata(SKIP_AUDIT_METADATA, true), UseInterceptors(AuditInterceptor));
}
