import {
  ForbiddenException,
  Inject,
  Injectable,
  Logger,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { refuse } from '../request/refuse.js';
import { MetricsAccess, type MetricsAccessVerdict } from './metrics-access.js';
import type { MetricsOptions } from './metrics.options.js';

/** The token of the options of this room, as the module has checked them. */
export const METRICS_OPTIONS: symbol = Symbol.for('nestjs-auth-services.metrics-options');

/** Lets in who may read the metrics: 401 for a missing or wrong token, 403 when `metrics.authorize` says no. */
@Injectable()
export class MetricsEndpointGuard implements CanActivate {
  private readonly access: MetricsAccess;
  private hasWarned = false;

  constructor(@Inject(METRICS_OPTIONS) options: MetricsOptions) {
    this.access = new MetricsAccess(options, (error) => this.warnOnce(error));
  }

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const verdict = this.access.check(context.switchToHttp().getRequest());
    return typeof verdict === 'string' ? this.enforce(context, verdict) : verdict.then((v) => this.enforce(context, v));
  }

  private enforce(context: ExecutionContext, verdict: MetricsAccessVerdict): boolean | Promise<boolean> {
    if (verdict === 'allowed') return true;
    if (verdict === 'forbidden') throw new ForbiddenException();
    return refuse(context, {
      statusCode: 401,
      code: 'unauthenticated',
      message: 'A bearer token is needed to read the metrics.',
      headers: { 'WWW-Authenticate': 'Bearer realm="metrics"' },
    });
  }

  /** The name only: what an application's error says may be nobody else's business. */
  private warnOnce(error: unknown): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    const name = error instanceof Error ? error.name : typeof error;
    new Logger('AuthServices').warn(`metrics.authorize failed (${name}), so nobody was let in. This is said once.`);
  }
}
