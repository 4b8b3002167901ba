import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { limitsOf } from './request-limits.js';

/**
 * Counts what {@link RateLimitGuard} had to put off because nobody had authenticated yet. At start it is put behind all
 * other guards of each limited handler, so that the order in which decorators are written decides nothing.
 *
 * One object for all applications of a process: whose limits a call has, its record knows.
 */
export const lateRateLimitGuard: CanActivate = {
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const limits = limitsOf(context);
    return limits === undefined || limits.by.countWaiting(context, limits);
  },
};
