import 'reflect-metadata';
import type { PolicyRef } from './rate-limit.policy.js';

/** Literal keys: two copies of the package in one process read each other's decorators. */
export const RATE_LIMIT_METADATA = 'auth-services:rate-limit';
export const SKIP_RATE_LIMIT_METADATA = 'auth-services:skip-rate-limit';

/** What `@RateLimit` and `@SkipRateLimit` said about a route. */
export interface RouteNotes {
  /** `undefined` where neither method nor class has the decorator. */
  readonly policies: readonly PolicyRef[] | undefined;
  /** The decorator is on the method, which beats whatever the class says, its `@SkipRateLimit` too. */
  readonly isOfMethod: boolean;
  readonly skipsAll: boolean;
  readonly skips: readonly string[];
}

export function notesOn(controller: Function, handler: Function): RouteNotes {
  const ofMethod = Reflect.getMetadata(RATE_LIMIT_METADATA, handler) as RouteNotes['policies'];
  const policies = ofMethod ?? (Reflect.getMetadata(RATE_LIMIT_METADATA, controller) as RouteNotes['policies']);
  const skips = (Reflect.getMetadata(SKIP_RATE_LIMIT_METADATA, handler) ??
    (ofMethod ? undefined : Reflect.getMetadata(SKIP_RATE_LIMIT_METADATA, controller))) as
    RouteNotes['skips'] | undefined;
  return { policies, isOfMethod: ofMethod !== undefined, skipsAll: skips?.length === 0, skips: skips ?? [] };
}
