import { SetMetadata } from '@nestjs/common';

/** A literal, so that the ESM and the CommonJS copy of the package agree. */
export const ALLOW_ANONYMOUS = 'auth-services:allow-anonymous';

/**
 * Lets requests without a token through `JwtAuthGuard`: `request.user` is then absent. A valid token is still read, and a
 * bad one is still refused: who sends one means to be somebody.
 *
 * On a method it beats what its class says; `@AllowAnonymous(false)` takes it back.
 *
 * @example
 * ```ts
 * @AllowAnonymous()
 * @Get('products')
 * list(@CurrentCaller() caller: Caller) {
 *   return caller.kind === 'anonymous' ? [] : ['for you'];
 * }
 * ```
 */
export function AllowAnonymous(allowed = true): MethodDecorator & ClassDecorator {
  return SetMetadata(ALLOW_ANONYMOUS, allowed);
}
