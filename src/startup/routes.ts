import { GUARDS_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { ModulesContainer } from '@nestjs/core';

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

/** Whether Nest calls this method from outside: a route, or a handler of another transport that our decorators have marked. */
export function isHandler(handler: Handler): boolean {
  return isRoute(handler) || Reflect.hasMetadata(GUARDS_METADATA, handler.method) || isMarked(handler.method);
}

const isMarked = (method: Function): boolean =>
  (Reflect.getMetadataKeys(method) as unknown[]).some(
    (key) => typeof key === 'string' && key.startsWith('auth-services:'),
  );
