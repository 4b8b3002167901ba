import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

/** The token of the provider that every guard attached to a route asks: {@link RateLimitGuard} itself, or what a test put in its place. */
export const RATE_LIMIT_GATE: symbol = Symbol.for('nestjs-auth-services.rate-limit-gate');

/**
 * Holds a route to its limits. `@RateLimit()` attaches it; on a route without the decorator it holds to
 * `rateLimit.default`.
 *
 * Nest makes one of these for each module that uses it; all of them ask the one that is a provider, so that
 * `overrideProvider(RateLimitGuard)` reaches every route in a test.
 *
 * @example
 * ```ts
 * Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(RateLimitGuard)
 *   .useValue({ canActivate: () => true });
 * ```
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(@Inject(RATE_LIMIT_GATE) private readonly gate: Pick<CanActivate, 'canActivate'>) {}

  /** True, at once with the memory storage. A refusal is thrown in the form that the transport delivers. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return this.gate.canActivate(context) as boolean | Promise<boolean>;
  }
}
