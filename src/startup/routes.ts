import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import type { ModulesContainer } from '@nestjs/core';
import type { Handler } from '../request/handler.js';
import { http } from '../request/transports/http.js';
import { TRANSPORTS } from '../request/transports/index.js';

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
export const isRoute = ({ method }: Handler): boolean => http.isHandler(method);

/** Whether some call of this method has no response that ends: only an interceptor sees it end. */
export const endsUnseen = (handler: Handler): boolean =>
  !isRoute(handler) || TRANSPORTS.some((one) => !one.endsWithResponse && one.isHandler(handler.method));

/** Whether Nest calls this method from outside: by one of its transports, or by what our decorators or a guard have marked. */
export function isHandler({ method }: Handler): boolean {
  return (
    TRANSPORTS.some((transport) => transport.isHandler(method)) ||
    Reflect.hasMetadata(GUARDS_METADATA, method) ||
    isMarked(method)
  );
}

/** By what it is called: `GET /orders/:id`, `Mutation.login`, `message say`, `pattern orders.place`; none if by nothing we know. */
export function namesOf(handler: Handler, globalPrefix: string | undefined): readonly string[] {
  return TRANSPORTS.flatMap((transport) => transport.namesOf(handler, globalPrefix));
}

const isMarked = (method: Function): boolean =>
  (Reflect.getMetadataKeys(method) as unknown[]).some(
    (key) => typeof key === 'string' && key.startsWith('auth-services:'),
  );
