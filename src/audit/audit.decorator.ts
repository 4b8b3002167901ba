import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { callable, oneOf, shape, string } from '../options/check.js';
import { AUDIT_METADATA, type AuditRouteOptions } from './audit-rules.js';
import { AuditInterceptor } from './audit.interceptor.js';

const checkAuditRouteOptions = shape<AuditRouteOptions>({
  action: string,
  durability: oneOf('buffered', 'durable', 'intent'),
  metadata: callable,
});

/**
 * Names what a route does in its audit event, and adds metadata to it. On a class it holds for every route of it.
 * With `auditRequests: false`, only routes with this decorator leave events.
 *
 * @throws OptionsError if an option is wrong, when the class is loaded.
 * @example
 * ```ts
 * @Audit({ action: 'order.refund', metadata: (caller, order) => ({ orderId: order.id }) })
 * @Post(':id/refund')
 * refund(@Param('id') id: string) {
 *   return { id };
 * }
 * ```
 */
export function Audit(options: AuditRouteOptions = {}): MethodDecorator & ClassDecorator {
  checkAuditRouteOptions(options, '@Audit()');
  return applyDecorators(SetMetadata(AUDIT_METADATA, options), UseInterceptors(AuditInterceptor));
}
