import { SetMetadata } from '@nestjs/common';
import { checkPolicyName } from './rate-limit.options.js';
import { SKIP_RATE_LIMIT_METADATA } from './metadata.js';

/**
 * Lifts the limits of a route, or of each route of a class: all of them, `globalRateLimit` too, or those of these
 * names. A `@RateLimit()` on a method beats a `@SkipRateLimit()` on its class. `rateLimit.perIp` stands apart and is
 * not lifted: it has a `skipIf`. A name that no policy has is refused at start.
 *
 * @example
 * ```ts
 * @SkipRateLimit()
 * @Get('health')
 * health() {}
 * ```
 */
export function SkipRateLimit(...names: string[]): MethodDecorator & ClassDecorator {
  names.forEach((name, index) => checkPolicyName(name, `@SkipRateLimit() argument ${index + 1}`));
  return SetMetadata(SKIP_RATE_LIMIT_METADATA, names);
}
