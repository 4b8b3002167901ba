import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { catchError, finalize, from, mergeMap, type Observable } from 'rxjs';
import { transportOf } from '../request/transport.js';
import { Enforcement } from './enforcement.js';
import type { RequestLimits } from './request-limits.js';

/**
 * Counts what {@link RateLimitGuard} had to put off because nobody had authenticated yet: interceptors run after all
 * guards. `@RateLimit()` attaches it.
 */
@Injectable()
export class RateLimitInterceptor implements NestInterceptor {
  constructor(@Inject(Enforcement) private readonly enforcement: Enforcement) {}

  /* oxlint-disable-next-line typescript/no-explicit-any -- Nest's own signature */
  intercept(context: ExecutionContext, next: CallHandler): Observable<any> {
    const admitted = this.enforcement.beforeHandler(context);
    if (typeof admitted === 'boolean') return this.handle(context, next);
    return from(admitted).pipe(mergeMap(() => this.handle(context, next)));
  }

  private handle(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const limits = this.enforcement.watched(context);
    return limits === undefined ? next.handle() : this.observe(context, limits, next.handle());
  }

  private observe(context: ExecutionContext, limits: RequestLimits, handled: Observable<unknown>): Observable<unknown> {
    const noted = handled.pipe(
      catchError((error: unknown) => {
        limits.error = error;
        throw error;
      }),
    );
    if (transportOf(context) === 'http') return noted;
    // A message or a GraphQL field has no response that ends: it is over when the handler has settled.
    return noted.pipe(finalize(() => this.enforcement.settle(limits, undefined, limits.error)));
  }
}
