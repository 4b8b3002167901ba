import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AUTHENTICATES } from '../request/authenticates.js';

/** The token of the provider that every guard attached to a route asks: {@link JwtAuthGuard} itself, or what a test put in its place. */
export const JWT_GATE: symbol = Symbol.for('nestjs-auth-services.jwt-gate');

/**
 * Lets a request in whose bearer token was made by one of the issuers of {@link JwtAuthOptions}, and leaves the caller as
 * `request.user`, a {@link JwtUser}. Everybody else gets a 401 that does not say why; audit and metrics learn the reason.
 *
 * Answers with a plain boolean unless keys have to be fetched. On WebSockets the token of the handshake is looked at again
 * for each message, so that it can expire; messages of microservices carry none and are refused unless `@AllowAnonymous()`.
 *
 * @example
 * ```ts
 * @UseGuards(JwtAuthGuard)
 * @Get('me')
 * me(@Req() request: { user: JwtUser }) {
 *   return request.user.id;
 * }
 * ```
 */
@Injectable()
export class JwtAuthGuard implements CanActivate {
  /** Start-up checks know by this that a caller is known behind it. @internal */
  static readonly [AUTHENTICATES] = true;

  constructor(@Inject(JWT_GATE) private readonly gate: Pick<CanActivate, 'canActivate'>) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    return this.gate.canActivate(context) as boolean | Promise<boolean>;
  }
}
