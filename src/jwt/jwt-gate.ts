import type { ExecutionContext } from '@nestjs/common';
import type { AuthEvents } from '../events/auth-events.js';
import { recordOf } from '../request/call-record.js';
import type { RequestRecord } from '../request/record.js';
import { refuse } from '../request/refuse.js';
import { transportOf } from '../request/transports/index.js';
import { ALLOW_ANONYMOUS } from './allow-anonymous.decorator.js';
import { bearerOf } from './bearer.js';
import { invalidToken, keysUnavailable, tokenMissing } from './jwt-refusals.js';
import type { JwtUser } from './jwt-user.js';
import { tell } from './telling.js';
import type { TokenDecision, TokenVerifier } from './token-verifier.js';

/** What `JwtAuthGuard` does; see there. */
export class JwtGate {
  private readonly routes = new WeakMap<Function, WeakMap<Function, RouteAccess>>();

  constructor(
    private readonly verifier: TokenVerifier,
    private readonly events?: Pick<AuthEvents, 'publish'>,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const transport = transportOf(context);
    const request: unknown = transport.requestOf(context);
    const record = recordOf(context);
    // A second guard on the same call, global and on the method: the first one has decided.
    if (record.verifiedBy === this.verifier) return true;

    // Nobody listens where JwtAuthModule stands alone: then no clock is read.
    const startedAt = this.events === undefined ? 0 : performance.now();
    const token = bearerOf(transport.originOf?.(request), transport.tokenBeside?.(request));
    const access = this.accessOf(context);
    if (token === undefined) return access.allowsAnonymous || this.refuseMissing(context, record);
    const decision = this.verifier.verify(token ?? '');
    return decision instanceof Promise
      ? decision.then((made) => this.settle(context, request, record, access, made, startedAt))
      : this.settle(context, request, record, access, decision, startedAt);
  }

  private settle(
    context: ExecutionContext,
    request: unknown,
    record: RequestRecord,
    { hasOwnAuthentication }: RouteAccess,
    decision: TokenDecision,
    startedAt: number,
  ): boolean | Promise<boolean> {
    // What the route's own guard will ask for is no token of ours: not accepted, it is left to that guard.
    if (hasOwnAuthentication && !decision.accepted) return true;
    tell(this.events, record, decision, startedAt);
    if (decision.accepted) {
      leave(record.transport.userHolderOf?.(request), decision.user);
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
  private accessOf(context: ExecutionContext): RouteAccess {
    const type = context.getClass();
    const handler = context.getHandler();
    let handlers = this.routes.get(type);
    if (handlers === undefined) this.routes.set(type, (handlers = new WeakMap()));
    let access = handlers.get(handler);
    if (access === undefined) {
      const says = (key: string): boolean =>
        (Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, type)) === true;
      access = { allowsAnonymous: says(ALLOW_ANONYMOUS), hasOwnAuthentication: says(OWN_AUTHENTICATION) };
      handlers.set(handler, access);
    }
    return access;
  }
}

interface RouteAccess {
  readonly allowsAnonymous: boolean;
  /** Its own guard asks for a token of its own: `metricsEndpoint` with `metrics.token`. */
  readonly hasOwnAuthentication: boolean;
}

/** A literal that a route with its own authentication carries beside `@AllowAnonymous()`. */
const OWN_AUTHENTICATION = 'auth-services:own-authentication';

function leave(holder: { user?: JwtUser } | undefined, user: JwtUser): void {
  if (holder !== undefined) holder.user = user;
}
