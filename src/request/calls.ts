import { ForbiddenException, type ExecutionContext } from '@nestjs/common';
import { GuardsConsumer } from '@nestjs/core/guards/guards-consumer.js';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import { finalize, isObservable, tap, type Observable } from 'rxjs';
import type { CallerSource } from './caller.js';
import { connectionRecordOf, recordOf } from './call-record.js';
import type { RequestRecord } from './record.js';
import { noteRouted } from './routed.js';
import { transportNamed, transportOf } from './transports/index.js';

/** An application whose messages and GraphQL fields are watched. */
export interface CallsListener {
  readonly callers: CallerSource;
  /** Whether it made this controller, gateway or resolver: several applications may run in one process. */
  owns(instance: object): boolean;
  /** Whether what is a part of a call, as a GraphQL field below a root field is, is also told of by itself. */
  watchesPart(controller: Function, handler: Function): boolean;
  /** Told exactly once for each call, when its handler has settled or a guard has refused it. */
  ended(context: ExecutionContext, record: RequestRecord, aborted: boolean): void;
}

/**
 * Sees the calls that have no response which ends: messages of WebSockets and microservices, root fields of GraphQL.
 *
 * Nest has no public place that sees them all: an interceptor runs after the guards, and a filter sees only what no other
 * filter takes first. All of them pass through the two consumers below, so that is where we look; we look only, and hand
 * on. Counted, so that the last application to close puts the originals back.
 */
export function observeCalls(listener: CallsListener): () => void {
  const guards = GuardsConsumer.prototype as GuardsConsumer & { [OBSERVED]?: Observed };
  const observed = (guards[OBSERVED] ??= install(guards));
  observed.listeners.push(listener);
  return () => {
    const index = observed.listeners.indexOf(listener);
    if (index < 0) return;
    observed.listeners.splice(index, 1);
    if (observed.listeners.length > 0) return;
    observed.restore();
    delete guards[OBSERVED];
  };
}

/** Who resolves callers for the application that started last, of those that have not closed. */
export function latestCallers(): CallerSource | undefined {
  return (GuardsConsumer.prototype as { [OBSERVED]?: Observed })[OBSERVED]?.listeners.at(-1)?.callers;
}

const OBSERVED = Symbol.for('nestjs-auth-services.calls');

interface Observed {
  readonly listeners: CallsListener[];
  restore(): void;
}

/** Where no response tells how a call ends. */
const isObserved = (type: string | undefined): boolean =>
  type !== 'http' && transportNamed(type)?.endsWithResponse === false;

/* oxlint-disable typescript/unbound-method -- called below with the consumer that they were taken from */
function install(guards: GuardsConsumer): Observed {
  const interceptors = InterceptorsConsumer.prototype;
  const { tryActivate } = guards;
  const { intercept } = interceptors;
  const listeners: CallsListener[] = [];

  guards.tryActivate = function observedTryActivate(this: GuardsConsumer, list, args, instance, callback, type) {
    if (type === 'http') noteRouted(args[0], instance.constructor, callback);
    const answer = tryActivate.call(this, list, args, instance, callback, type);
    if (list.length === 0 || !isObserved(type)) return answer;
    const listener = listeners.find((one) => one.owns(instance));
    if (listener === undefined) return answer;
    return new ObservedCall(listener, contextOf(args, instance, callback, type)).guarded(answer);
  };
  interceptors.intercept = function observedIntercept(
    this: InterceptorsConsumer,
    list,
    args,
    instance,
    callback,
    next,
    type,
  ) {
    const call = isObserved(type) ? callOf(args, instance, callback, type!) : undefined;
    const answer = intercept.call(this, list, args, instance, callback, next, type);
    return call === undefined ? answer : call.handled(answer);
  };
  const callOf = (args: unknown[], instance: object, handler: Function, type: string): ObservedCall | undefined => {
    const listener = listeners.find((one) => one.owns(instance));
    if (listener === undefined) return undefined;
    const isPart = transportNamed(type)?.isPart?.(args) === true;
    if (isPart && !listener.watchesPart(instance.constructor, handler)) return undefined;
    return new ObservedCall(listener, contextOf(args, instance, handler, type));
  };
  return {
    listeners,
    restore: () => Object.assign(guards, { tryActivate }) && Object.assign(interceptors, { intercept }),
  };
}
/* oxlint-enable typescript/unbound-method */

function contextOf(args: unknown[], instance: object, handler: Function, type?: string): ExecutionContext {
  const context = new ExecutionContextHost(args, instance.constructor as never, handler);
  context.setType(type!);
  return context;
}

class ObservedCall {
  private readonly record: RequestRecord;

  constructor(
    private readonly listener: CallsListener,
    private readonly context: ExecutionContext,
  ) {
    this.record = recordOf(context);
    this.record.callers ??= listener.callers;
    this.record.controller ??= context.getClass();
    this.record.handler ??= context.getHandler();
    this.record.route ??= transportOf(context).routeOf?.(context);
    // For parameter decorators, which are given another array of arguments than guards and interceptors are.
    const connection = connectionRecordOf(context);
    if (connection !== undefined) connection.callers ??= listener.callers;
  }

  async guarded(activated: Promise<boolean>): Promise<boolean> {
    let passed: boolean;
    try {
      passed = await activated;
    } catch (error) {
      this.threw(error);
      this.end(false);
      throw error;
    }
    if (!passed) {
      // What Nest throws next, in the form of the transport.
      this.threw(new ForbiddenException('Forbidden resource'));
      this.end(false);
    }
    return passed;
  }

  async handled(answered: Promise<unknown>): Promise<unknown> {
    let answer: unknown;
    try {
      answer = await answered;
    } catch (error) {
      this.threw(error);
      this.end(false);
      throw error;
    }
    if (isObservable(answer)) return this.watched(answer);
    this.end(false);
    return answer;
  }

  private watched(answer: Observable<unknown>): Observable<unknown> {
    let hasSettled = false;
    return answer.pipe(
      tap({
        error: (error: unknown) => {
          hasSettled = true;
          this.threw(error);
        },
        complete: () => {
          hasSettled = true;
        },
      }),
      finalize(() => this.end(!hasSettled)),
    );
  }

  private threw(error: unknown): void {
    if (this.record.thrown) return;
    this.record.exception = error;
    this.record.thrown = true;
  }

  private end(aborted: boolean): void {
    if (this.record.ended) return;
    this.record.ended = true;
    this.listener.ended(this.context, this.record, aborted);
  }
}
