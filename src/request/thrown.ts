import type { ArgumentsHost } from '@nestjs/common';
import { ExceptionsHandler } from '@nestjs/core/exceptions/exceptions-handler.js';
import { recordOf } from './call-record.js';
import { rawOf } from './http-message.js';
import { findRecord } from './record.js';

/**
 * Notes on the request's record whatever Nest is about to answer with an error: thrown by a guard, a pipe, a handler,
 * a middleware or a body parser.
 *
 * Nest has no public place that sees them all. An interceptor runs after the guards, and a global filter sees only what
 * no filter of a class or method takes first. All of them pass through `ExceptionsHandler.next`, so that is
 * where we look; we look only, and hand on. Counted, so that the last application to close puts the original back.
 */
export function observeThrown(): () => void {
  const handler = ExceptionsHandler.prototype as ExceptionsHandler & { [OBSERVED]?: Observed };
  const observed = (handler[OBSERVED] ??= install(handler));
  observed.users++;
  let released = false;
  return () => {
    if (released) return;
    released = true;
    if (--observed.users > 0) return;
    handler.next = observed.original;
    delete handler[OBSERVED];
  };
}

const OBSERVED = Symbol.for('nestjs-auth-services.thrown');

interface Observed {
  readonly original: ExceptionsHandler['next'];
  users: number;
}

function install(handler: ExceptionsHandler): Observed {
  // oxlint-disable-next-line typescript/unbound-method -- called below with the handler it was taken from
  const original = handler.next;
  handler.next = function next(this: ExceptionsHandler, exception, host) {
    note(exception, host);
    original.call(this, exception, host);
  };
  return { original, users: 0 };
}

function note(exception: unknown, host: ArgumentsHost): void {
  const request: unknown = host.getArgByIndex(0);
  if (typeof request !== 'object' || request === null) return;
  // Through `inject`, Fastify may not have told of the request yet.
  const record = host.getType() === 'http' ? recordOf(host) : findRecord(rawOf(request));
  // The first one counts: a filter that throws in turn hides nothing.
  if (record === undefined || record.thrown) return;
  record.exception = exception;
  record.thrown = true;
}
