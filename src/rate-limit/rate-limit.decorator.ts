import 'reflect-metadata';
import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { OptionsError } from '../options/options-error.js';
import { RATE_LIMIT_METADATA } from './metadata.js';
import { RateLimitGuard } from './rate-limit.guard.js';
import { checkPolicyRefs } from './rate-limit.options.js';
import type { PolicyRef } from './rate-limit.policy.js';

/**
 * Limits a route, or each route of a class: by a policy's name, by one written out, or by several, which are decided
 * together. Without an argument by `rateLimit.default`.
 *
 * On a method it takes the place of the class's. A policy without a name counts per class and handler. It brings its
 * guard along, and its place among other decorators does not matter. Twice on one method throws.
 *
 * @example
 * ```ts
 * @RateLimit(['api', { maxRequests: 5, windowSeconds: 1 }])
 * @Get('reports')
 * reports() {}
 * ```
 */
export function RateLimit(policy?: PolicyRef | readonly PolicyRef[]): MethodDecorator & ClassDecorator {
  if (policy !== undefined) checkPolicyRefs(policy, '@RateLimit()');
  const refs = policy === undefined ? [{}] : Array.isArray(policy) ? (policy as PolicyRef[]) : [policy as PolicyRef];
  const attach = applyDecorators(SetMetadata(RATE_LIMIT_METADATA, refs), UseGuards(RateLimitGuard));
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const place = (descriptor?.value ?? target) as object;
    if (Reflect.hasOwnMetadata(RATE_LIMIT_METADATA, place)) {
      const name = key === undefined ? (target as Function).name : `${target.constructor.name}.${String(key)}`;
      throw new OptionsError(
        'ERR_AUTH_SERVICES_DECORATOR_TWICE',
        `@RateLimit() is on ${name} twice, and one would hide the other: write one with a list, @RateLimit([first, second]).`,
      );
    }
    if (key === undefined || descriptor === undefined) (attach as ClassDecorator)(target as Function);
    else (attach as MethodDecorator)(target, key, descriptor);
  };
}
