import { Inject, Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { AuthEvents } from '../events/auth-events.js';
import { refuse } from '../refusal/refusal.js';
import { recordOf, type RequestRecord } from '../request/record.js';
import { requestOf, transportOf } from '../request/transport.js';
import { ALLOW_ANONYMOUS } from './allow-anonymous.decorator.js';
import { bearerOfRequest, bearerOfSocket } from './bearer.js';
import { invalidToken, keysUnavailable, tokenMissing } from './jwt-refusals.js';
import { tell } from './telling.js';
import { TokenVerifier, type TokenDecision } from './token-verifier.js';
import type { JwtUser } from './jwt-user.js';

/* oxlint-disable typescript/no-explicit-any -- requests and sockets are whatever the framework's own are */

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
  private readonly anonymous = new WeakMap<Function, WeakMap<Function, boolean>>();

  constructor(
    @Inject(TokenVerifier) private readonly verifier: TokenVerifier,
    @Optional() @Inject(AuthEvents) private readonly events?: AuthEvents,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const transport = transportOf(context);
    const request: any = transport === 'rpc' ? undefined : requestOf(context);
    const record = recordOf(context);
    // A second guard on the same call, global and on the method: the first one has decided.
    if (record.verifiedBy === this.verifier) return true;

    const startedAt = performance.now();
    const token = transport === 'ws' ? bearerOfSocket(request) : bearerOfRequest(request);
    if (token === undefined) return this.allowsAnonymous(context) || this.refuseMissing(context, record);
    const decision = this.verifier.verify(token ?? '');
    if (decision instanceof Promise) {
      return decision.then((late) => this.settle(context, request, record, late, startedAt));
    }
    return this.settle(context, request, record, decision, startedAt);
  }

  private settle(
    context: ExecutionContext,
    request: any,
    record: RequestRecord,
    decision: TokenDecision,
    startedAt: number,
  ): boolean | Promise<boolean> {
    tell(this.events, record, decision, performance.now() - startedAt);
    if (decision.accepted) {
      leave(request, decision.user);
      record.verifiedBy = this.verifier;
      return true;
    }
    if (decision.category !== 'keys_unavailable') return refuse(context, invalidToken);
    if (this.verifier.onUnavailable === 401) return refuse(context, tokenMissing);
    return refuse(context, keysUnavailable(decision.retryAfterSeconds ?? 1));
  }

  private refuseMissing(context: ExecutionContext, record: RequestRecord): boolean | Promise<boolean> {
    // Nothing was validated, so nothing is told; the mark keeps anybody from counting a failed validation later.
    record.validated = true;
    record.authFailure = 'missing';
    return refuse(context, tokenMissing);
  }

  /** Read once for each class and handler: classes that inherit a handler share its function. */
  private allowsAnonymous(context: ExecutionContext): boolean {
    const type = context.getClass();
    const handler = context.getHandler();
    let handlers = this.anonymous.get(type);
    if (handlers === undefined) this.anonymous.set(type, (handlers = new WeakMap()));
    let allowed = handlers.get(handler);
    if (allowed === undefined) {
      const onMethod: unknown = Reflect.getMetadata(ALLOW_ANONYMOUS, handler);
      allowed = (onMethod ?? Reflect.getMetadata(ALLOW_ANONYMOUS, type)) === true;
      handlers.set(handler, allowed);
    }
    return allowed;
  }
}

/** Socket.IO has a place for an application's data, other sockets have themselves. */
function holderOf(request: any): any {
  return typeof request?.data === 'object' && request.data !== null && request.handshake !== undefined
    ? request.data
    : request;
}

function leave(request: any, user: JwtUser): void {
  holderOf(request).user = user;
}
