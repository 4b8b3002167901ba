import type { CanActivate, NestInterceptor } from '@nestjs/common';
import { GUARDS_METADATA, INTERCEPTORS_METADATA } from '@nestjs/common/constants.js';
import type { Handler } from '../request/handler.js';
import { endsUnseen, handlersOf } from './routes.js';

/** What stands behind all other guards of a handler, and around a handler whose end nothing else tells. */
export interface BehindGuards {
  readonly guard: CanActivate;
  readonly interceptor: NestInterceptor;
  /** The interceptor has to see the end of an HTTP route's handler too. */
  readonly aroundRoutes: boolean;
}

/** What this handler needs behind its guards; `undefined` for nothing. Asked of every decorated method. */
export type Behind = (handler: Handler) => BehindGuards | undefined;

/**
 * Adds what must run behind all guards to the end of a handler's own lists: a method's guards run after its class's and
 * after the global ones, so that nothing comes later. No provider is needed for it: the objects are handed over as they are.
 *
 * The end of an HTTP request is told at its socket, so that its handler seldom needs an interceptor for it, and an interceptor
 * is the dearest thing that Nest can put on a route.
 */
export function placeBehind(classes: Iterable<Function>, behind: Behind): void {
  for (const type of classes) {
    for (const handler of handlersOf(type).filter(isDecorated)) {
      const found = behind(handler);
      if (found === undefined) continue;
      append(GUARDS_METADATA, handler.method, found.guard);
      if (found.aroundRoutes || endsUnseen(handler)) append(INTERCEPTORS_METADATA, handler.method, found.interceptor);
    }
  }
}

/** Several applications of a process may share a class: what stands there already is moved to the end, not doubled. */
function append(key: string, method: Function, last: object): void {
  const list = (Reflect.getOwnMetadata(key, method) ?? []) as object[];
  Reflect.defineMetadata(key, [...list.filter((one) => one !== last), last], method);
}

/** Nest calls only what some decorator has marked. */
const isDecorated = ({ method }: Handler): boolean => Reflect.getMetadataKeys(method).length > 0;
