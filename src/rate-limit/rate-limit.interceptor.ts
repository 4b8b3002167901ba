import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { catchError, finalize, type Observable } from 'rxjs';
import { transportOf } from '../request/transports/index.js';
import { limitsOf, type RequestLimits } from './request-limits.js';

/**
 * Sees how a handler ends, where that decides what counts and nothing else tells: a message and a GraphQL field have no
 * response that ends. At start it is put around the handlers that need it; an HTTP route rarely does, and then costs
 * nothing (an interceptor takes more of a request's time than all guards together).
 *
 * One object for all applications of a process: whose limits a call has, its record knows.
 */
export const rateLimitInterceptor: NestInterceptor = {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const limits = limitsOf(context);
    if (limits === undefined || limits.isWatched || !limits.needsOutcome) return next.handle();
    limits.isWatched = true;
    return observe(context, limits, next.handle());
  },
};

function observe(context: ExecutionContext, limits: RequestLimits, handled: Observable<unknown>): Observable<unknown> {
  limits.isHandling = true;
  return handled.pipe(
    catchError((error: unknown) => {
      limits.error = error;
      throw error;
    }),
    finalize(() => {
      limits.by.handled(limits);
      if (!transportOf(context).endsWithResponse) limits.by.ended(limits, undefined, limits.error);
    }),
  );
}
