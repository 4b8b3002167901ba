import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';

/** The token of the provider that every guard attached to a route asks: {@link HumanOnlyGuard} itself, or what a test put in its place. */
export const HUMAN_ONLY_GATE: symbol = Symbol.for('nestjs-auth-services.human-only-gate');

/**
 * Lets in people only: 401 for nobody, 403 with code `human_only` for everybody else, also where the claims do not tell.
 * `@HumanOnly()` attaches it; it takes its place behind the other guards of its list.
 *
 * Nest makes one of these for each module that uses it; all of them ask the one that is a provider, so that
 * `overrideProvider(HumanOnlyGuard)` reaches every route in a test.
 *
 * @example
 * ```ts
 * Test.createTestingModule({ imports: [AppModule] })
 *   .overrideProvider(HumanOnlyGuard)
 *   .useValue({ canActivate: () => true });
 * ```
 */
@Injectable()
export class HumanOnlyGuard implements CanActivate {
  constructor(@Inject(HUMAN_ONLY_GATE) private readonly gate: Pick<CanActivate, 'canActivate'>) {}

  /** True, at once on HTTP. A refusal is thrown in the form that the transport delivers. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return this.gate.canActivate(context) as boolean | Promise<boolean>;
  }
}
