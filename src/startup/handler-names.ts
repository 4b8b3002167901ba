import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MESSAGE_METADATA, patternText } from '../request/call-route.js';
import { isRoute, patternsOf, RESOLVER_METADATA, type Handler } from './routes.js';

/** By what a handler is called: `GET /orders/:id`, `Mutation.login`, `message say`, `pattern orders.place`; none if by nothing we know. */
export function namesOf(handler: Handler, globalPrefix: string | undefined): string[] {
  const { controller, method, name } = handler;
  if (isRoute(handler)) {
    const verb = RequestMethod[Reflect.getMetadata(METHOD_METADATA, method) as number] ?? 'ALL';
    return pathsOf(controller).flatMap((first) =>
      pathsOf(method).map((second) => `${verb} /${[globalPrefix, first, second].map(bare).filter(Boolean).join('/')}`),
    );
  }
  const message: unknown = Reflect.getMetadata(MESSAGE_METADATA, method);
  if (typeof message === 'string') return [`message ${message}`];
  const type: unknown = Reflect.getMetadata(RESOLVER_METADATA, method) ?? typeOfField(handler);
  if (typeof type === 'string') return [`${type}.${fieldOf(method) ?? name}`];
  return patternsOf(method).map((pattern) => `pattern ${patternText(pattern)}`);
}

function pathsOf(owner: Function): string[] {
  const path: unknown = Reflect.getMetadata(PATH_METADATA, owner);
  return Array.isArray(path) ? path.map(String) : [typeof path === 'string' ? path : ''];
}

const bare = (path: string | undefined): string => (path ?? '').replaceAll(/^\/+|\/+$/g, '');

/** A field below a root field: its type stands on the resolver, as a name or as a function of one. */
function typeOfField({ controller, method }: Handler): string | undefined {
  if (Reflect.getMetadata('graphql:resolve_property', method) !== true) return undefined;
  const type: unknown = Reflect.getMetadata(RESOLVER_METADATA, controller);
  return typeof type === 'string' ? type : controller.name;
}

function fieldOf(method: Function): string | undefined {
  const name: unknown = Reflect.getMetadata('graphql:resolver_name', method);
  return typeof name === 'string' && name !== '' ? name : undefined;
}
