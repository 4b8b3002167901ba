import type { ExecutionContext } from '@nestjs/common';
import type { AuthEvents } from '../events/auth-events.js';
import { recordOf } from '../request/call-record.js';
import type { Caller } from '../request/caller.js';
import type { Callers } from '../request/callers.js';
import { setHeaders } from '../request/http-message.js';
import type { RequestRecord } from '../request/record.js';
import { refuse } from '../request/refuse.js';
import { transportOf } from '../request/transports/index.js';
import { decisive } from './asked.js';
import type { CompiledPolicy } from './compiled-policy.js';
import type { Evaluator } from './evaluator.js';
import { headersOf } from './headers.js';
import { checkCost, type RateLimitHeadersOption } from './rate-limit.options.js';
import { RequestLimits, type LimitedBy } from './request-limits.js';
import type { PolicyRoutes } from './routes.js';
import type { Awaitable } from './storage.js';
import type { StoreGate } from './store-gate.js';
import { refusalOf } from './too-many-requests.js';

export interface EnforcementDeps {
  readonly callers: Pick<Callers, 'of'>;
  readonly routes: PolicyRoutes;
  readonly evaluator: Evaluator;
  readonly gate: StoreGate;
  readonly events: Pick<AuthEvents, 'subscribe'>;
  readonly headers: RateLimitHeadersOption;
  readonly now: () => number;
}

/**
 * Holds a call to the limits of its route, in two places. At the guard, what needs no caller is counted, and
 * everything if the caller is known; the rest waits for the late guard, which stands behind all others, whatever the
 * order they were written in. Each policy counts once for each call, and a refusal in the second place gives back what
 * was charged in the first.
 */
export class Enforcement implements LimitedBy {
  private unsubscribe: (() => void) | undefined;

  constructor(private readonly deps: EnforcementDeps) {}

  /** In front of the handler, among the guards. Throws what the transport delivers if the call is refused. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const route = this.deps.routes.of(context.getClass(), context.getHandler());
    if (route.policies.length === 0 && route.leases.length === 0) return true;
    // What holds for every route holds for whole calls; a part of one is free, unless it says otherwise.
    if (!route.isDecorated && transportOf(context).isPart?.(context.getArgs()) === true) return true;
    const record = recordOf(context);
    if (record.limits !== undefined) return this.again(context, record.limits as RequestLimits);
    const limits = new RequestLimits(this);
    record.limits = limits;
    const caller = this.deps.callers.of(context);
    const isLate = route.late.length > 0 && caller.principal === undefined;
    const now = isLate ? route.early : route.policies;
    if (isLate) limits.waiting = route.leases.length === 0 ? route.late : [...route.late, ...route.leases];
    else limits.waiting = route.leases;
    return now.length === 0 ? true : this.enforce(context, limits, now, caller);
  }

  /** Behind all guards: asks what had to wait for them. */
  countWaiting(context: ExecutionContext, limits: RequestLimits): boolean | Promise<boolean> {
    return limits.waiting.length === 0
      ? this.again(context, limits)
      : this.enforce(context, limits, limits.takeWaiting(), this.deps.callers.of(context));
  }

  /** Asked once more: a guard that stands on the route twice, or the next item of a list that is one GraphQL field. */
  private again(context: ExecutionContext, limits: RequestLimits): boolean | Promise<boolean> {
    return limits.refusal === undefined ? (limits.pending ?? true) : refuse(context, limits.refusal);
  }

  handled(limits: RequestLimits): void {
    limits.isHandling = false;
    if (limits.hasEnded) this.release(limits);
  }

  ended(limits: RequestLimits, statusCode: number | undefined, error: unknown): void {
    if (limits.hasEnded) return;
    limits.hasEnded = true;
    const { evaluator, gate } = this.deps;
    const notCounted = limits.asked.filter(({ policy, chargedIn }) => {
      return chargedIn !== undefined && !evaluator.counts(policy, { statusCode, error });
    });
    if (notCounted.length > 0) void gate.refund(notCounted);
    // Whose client has gone may still be at work: it holds its place until it has settled.
    if (!limits.isHandling) this.release(limits);
  }

  settleCost(limits: RequestLimits, cost: number, name: string | undefined): Awaitable<void> {
    checkCost(cost);
    const asked = limits.asked.filter(({ policy }) => name === undefined || policy.name === name);
    if (asked.length === 0 && name !== undefined) this.deps.evaluator.warnOfNothingSettled(name);
    return this.deps.gate.settle(asked, cost);
  }

  private release(limits: RequestLimits): void {
    const leases = limits.asked.filter(({ policy }) => policy.isLease);
    if (leases.length > 0) void this.deps.gate.refund(leases);
  }

  close(): void {
    this.unsubscribe?.();
    this.unsubscribe = undefined;
  }

  private enforce(
    context: ExecutionContext,
    limits: RequestLimits,
    policies: readonly CompiledPolicy[],
    caller: Caller,
  ): boolean | Promise<boolean> {
    const before = limits.asked.length;
    const admitted = this.deps.evaluator.decide(policies, caller, limits);
    if (typeof admitted === 'boolean') return this.conclude(context, limits, before, admitted);
    limits.pending = admitted.then((found) => {
      limits.pending = undefined;
      return this.conclude(context, limits, before, found);
    });
    return limits.pending;
  }

  private conclude(
    context: ExecutionContext,
    limits: RequestLimits,
    before: number,
    admitted: boolean,
  ): boolean | Promise<boolean> {
    if (!admitted) {
      const given = before > 0 ? this.deps.gate.refund(limits.asked.slice(0, before)) : undefined;
      return given === undefined ? this.refuse(context, limits) : given.then(() => this.refuse(context, limits));
    }
    if (this.unsubscribe === undefined && limits.needsOutcome) this.watchEnds();
    const { headers, now } = this.deps;
    if (headers === false || limits.asked.length === 0) return true;
    const response: unknown = transportOf(context).responseOf?.(context);
    if (response === undefined) return true;
    const told = headersOf(limits.asked, headers, now);
    if (told !== undefined) setHeaders(response, told);
    return true;
  }

  private refuse(context: ExecutionContext, limits: RequestLimits): never | Promise<never> {
    const { headers, now } = this.deps;
    const { asked } = limits;
    const { retryAfterMs, source } = decisive(asked)!;
    const violated = asked.filter((one) => one.isRefusing).map(({ policy }) => policy.name);
    // What was left to ask is not asked any more: the call is over.
    limits.takeWaiting();
    limits.refusal = refusalOf(source, retryAfterMs, violated, headersOf(asked, headers, now));
    return refuse(context, limits.refusal);
  }

  /** HTTP requests end where no interceptor sees it; other calls are settled by the interceptor. Begun with the first policy that asks. */
  private watchEnds(): void {
    this.unsubscribe = this.deps.events.subscribe((event) => {
      if (event.type === 'request.ended') this.settleRecord(event.record, event.statusCode);
    });
  }

  private settleRecord(record: RequestRecord, statusCode: number | undefined): void {
    const limits = record.limits as RequestLimits | undefined;
    if (limits !== undefined) this.ended(limits, statusCode, limits.error ?? record.exception);
  }
}
