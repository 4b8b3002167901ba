import { GUARDS_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { ModulesContainer } from '@nestjs/core';
import { MESSAGE_METADATA, PATTERN_METADATA } from '../request/call-route.js';

/** A method that Nest calls from outside, as the start-up checks see it. */
export interface Handler {
  readonly controller: Function;
  readonly name: string;
  readonly method: Function;
}

/** Every controller (also gateways and resolvers, which are providers) that may carry our decorators. */
export function classesOf(modules: ModulesContainer): Set<Function> {
  const classes = new Set<Function>();
  for (const module of modules.values()) {
    for (const wrappers of [module.controllers, module.providers]) {
      for (const { metatype } of wrappers.values()) {
        if (typeof metatype === 'function' && metatype.prototype !== undefined) classes.add(metatype);
      }
    }
  }
  return classes;
}

/** Tells whether an instance was made by this application, of which several may run in one process. */
export function ownership(modules: ModulesContainer): (instance: object) => boolean {
  const known = new WeakMap<object, boolean>();
  const isOurs = (instance: object): boolean => {
    for (const module of modules.values()) {
      for (const wrappers of [module.controllers, module.providers]) {
        for (const wrapper of wrappers.values()) {
          if (wrapper.instance === instance) return true;
          // Made for one request, it is kept nowhere: its class has to do.
          if (wrapper.metatype === instance.constructor && !wrapper.isDependencyTreeStatic()) return true;
        }
      }
    }
    return false;
  };
  return (instance) => {
    let ours = known.get(instance);
    if (ours === undefined) known.set(instance, (ours = isOurs(instance)));
    return ours;
  };
}

/** The methods of a class, its own and inherited ones, the nearest definition of each. */
export function handlersOf(controller: Function): Handler[] {
  const seen = new Map<string, Handler>();
  let prototype: object | null = controller.prototype as object;
  while (prototype !== null && prototype !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const method: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
      if (name !== 'constructor' && typeof method === 'function' && !seen.has(name)) {
        seen.set(name, { controller, name, method });
      }
    }
    prototype = Object.getPrototypeOf(prototype) as object | null;
  }
  return [...seen.values()];
}

/** Whether Nest routes HTTP requests to this method. */
export function isRoute({ method }: Handler): boolean {
  return Reflect.hasMetadata(PATH_METADATA, method) && Reflect.hasMetadata(METHOD_METADATA, method);
}

/** Of `@nestjs/graphql`, which need not be there. */
export const RESOLVER_METADATA = 'graphql:resolver_type';

/** A pattern that a microservice's handler listens to, as far as it is asked here. */
export interface MessagePattern {
  readonly service?: unknown;
  readonly rpc?: unknown;
  readonly streaming?: unknown;
}

/** The patterns of a microservice's handler; none of any other method. */
export function patternsOf(method: Function): readonly MessagePattern[] {
  const patterns: unknown = Reflect.getMetadata(PATTERN_METADATA, method);
  return Array.isArray(patterns) ? (patterns as MessagePattern[]) : [];
}

const CALLED_BY = [MESSAGE_METADATA, RESOLVER_METADATA, PATTERN_METADATA, GUARDS_METADATA];

/** Whether Nest calls this method from outside: a route, a handler of another transport, or what our decorators have marked. */
export function isHandler(handler: Handler): boolean {
  const { method } = handler;
  return isRoute(handler) || CALLED_BY.some((key) => Reflect.hasMetadata(key, method)) || isMarked(method);
}

const isMarked = (method: Function): boolean =>
  (Reflect.getMetadataKeys(method) as unknown[]).some(
    (key) => typeof key === 'string' && key.startsWith('auth-services:'),
  );
