import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import { handlersOf } from './routes.js';

type Guard = Function | { readonly constructor: Function };

/** Whether a guard is one of those that must come behind the others of their list. */
export type IsPlacedLast = (guard: Function) => boolean;

/**
 * Moves `@HumanOnly()`'s and `@M2MOnly()`'s guards behind the other guards of the same list, of a class or of a method:
 * they can only judge once authentication has run, and decorators apply bottom-up, so that the order in which they are
 * written would decide. No other guard moves.
 *
 * Nest reads these lists when it registers the routes; all classes are known before that.
 */
export function placeGuards(classes: Iterable<Function>, isPlacedLast: IsPlacedLast): void {
  for (const type of classes) {
    for (let owner: Function | null = type; isClass(owner); owner = Object.getPrototypeOf(owner) as Function | null) {
      placeOn(owner, isPlacedLast);
    }
    for (const { method } of handlersOf(type)) placeOn(method, isPlacedLast);
  }
}

const isClass = (value: Function | null): value is Function => value !== null && value !== Function.prototype;

function placeOn(owner: Function, isPlacedLast: IsPlacedLast): void {
  const guards = Reflect.getOwnMetadata(GUARDS_METADATA, owner) as Guard[] | undefined;
  if (guards === undefined) return;
  const last = guards.filter((guard) => isPlacedLast(classOf(guard)));
  if (last.length === 0) return;
  const others = guards.filter((guard) => !last.includes(guard));
  Reflect.defineMetadata(GUARDS_METADATA, [...others, ...last], owner);
}

/** The guards of a class or a method, as classes. */
export function guardsOf(owner: Function): Function[] {
  const guards = Reflect.getMetadata(GUARDS_METADATA, owner) as Guard[] | undefined;
  return guards?.map(classOf) ?? [];
}

export function classOf(guard: Guard): Function {
  return typeof guard === 'function' ? guard : guard.constructor;
}
