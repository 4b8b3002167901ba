import { Inject, Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { concatMap, from, tap, type Observable } from 'rxjs';
import { recordOf } from '../request/call-record.js';
import { Callers } from '../request/callers.js';
import type { RequestRecord } from '../request/record.js';
import { AuditLogger } from './audit-logger.js';
import { AuditRules, type AuditRule } from './audit-rules.js';
import { Durability } from './durability.js';
import { holdingLast } from './holding-last.js';

/**
 * Adds to a request's audit event what only it sees: the handler, the action and metadata of `@Audit()`. The event
 * itself is written when the response has ended; that of a WebSocket's or a microservice's message, which has none, when
 * its handler has settled.
 *
 * Needed only with `auditRequests: false`, on routes without `@Audit()`:
 *
 * @example
 * ```ts
 * @UseInterceptors(AuditInterceptor)
 * @Controller('payments')
 * export class PaymentsController {}
 * ```
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  private readonly rules = new AuditRules();

  constructor(
    @Inject(AuditLogger) private readonly logger: AuditLogger,
    @Inject(Callers) private readonly callers: Callers,
    @Inject(Durability) private readonly durability: Durability,
  ) {}

  /* oxlint-disable-next-line typescript/no-explicit-any -- Nest's own signature */
  intercept(context: ExecutionContext, next: CallHandler): Observable<any> {
    const record = recordOf(context);
    // On the class and on the method, or globally besides: once is enough.
    if (record.audit !== undefined) return next.handle();
    const rule = this.rules.of(context.getClass(), context.getHandler());
    record.controller = context.getClass();
    record.handler = context.getHandler();
    record.audit = { action: rule.action };
    const handle = (): Observable<unknown> => this.observe(next.handle(), context, record, rule);
    if (rule.durability === 'buffered') return handle();
    if (rule.durability === 'intent') return from(this.durability.intent(context, record)).pipe(concatMap(handle));
    return holdingLast(handle(), (settled) => this.durability.outcome(context, record, settled));
  }

  private observe(
    handled: Observable<unknown>,
    context: ExecutionContext,
    record: RequestRecord,
    rule: AuditRule,
  ): Observable<unknown> {
    let last: unknown;
    return handled.pipe(
      tap({
        next: (value) => {
          last = value;
        },
        error: (error: unknown) => {
          record.exception = error;
          record.thrown = true;
        },
        complete: () => this.addMetadata(context, record, rule, last),
      }),
    );
  }

  private addMetadata(context: ExecutionContext, record: RequestRecord, rule: AuditRule, result: unknown): void {
    if (rule.metadata === undefined) return;
    try {
      const metadata: unknown = rule.metadata(this.callers.of(context), result);
      if (typeof (metadata as PromiseLike<unknown> | undefined)?.then === 'function') {
        // Nobody waits for it, so nobody else would catch it.
        (metadata as PromiseLike<unknown>).then(undefined, () => undefined);
        throw new TypeError('@Audit({ metadata }) must not return a promise');
      }
      record.audit = { ...record.audit, metadata: metadata as Record<string, unknown> };
    } catch {
      this.logger.noteError('metadata');
    }
  }
}
