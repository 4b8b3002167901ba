import 'reflect-metadata';
import { HttpException, type ArgumentsHost } from '@nestjs/common';
import { refusalHeaders, refusalPayload, type Refusal } from '../../refusal/refusal.js';
import type { Handler } from '../handler.js';
import { rawOf, setHeaders } from '../http-message.js';
import { findRecord, type RequestRecord } from '../record.js';
import { infoIn, operationIn, placeOf } from './graphql-field.js';
import { recordedUser, userOnRequest } from './signed-in.js';
import type { TransportDefinition } from './transport.js';

/* oxlint-disable typescript/no-explicit-any -- an operation's context is the application's own */

/**
 * Fields of GraphQL, on Apollo and Mercurius, over HTTP and over WebSockets: each root field, and each alias of it, is a
 * call. Fields below run guards only with `fieldResolverEnhancers`.
 */
export const graphql: TransportDefinition<'graphql'> = {
  name: 'graphql',
  endsWithResponse: false,

  requestOf,
  keyOf(context) {
    const args = context.getArgs();
    return placeOf(infoIn(args)) ?? args;
  },
  carrierOf,
  isPart: (args) => infoIn(args)?.path?.prev !== undefined,
  responseOf,
  /** `Mutation.login`, in the words of the schema. */
  routeOf(context) {
    const info = infoIn(context.getArgs());
    return info && `${info.parentType.name}.${info.fieldName}`;
  },

  principalOf(request, context) {
    const recorded = recordedUser(request, context);
    if (recorded !== undefined) return recorded;
    // `extra` is what graphql-ws keeps of a connection, and `onConnect` writes to; the last is a context made by hand.
    return userOnRequest(request) ?? request?.extra?.user ?? (context && operationIn(context.getArgs())?.user);
  },
  userHolderOf: (request) => request,
  originOf: (request) => request,
  addressOf: (request) => addressIn(request) ?? addressIn(request?.extra?.request),

  refuse(context, refusal) {
    setHeaders(responseOf(context), refusalHeaders(refusal));
    throw exceptionOf(refusal);
  },

  isHandler: (method) => Reflect.hasMetadata(TYPE_METADATA, method),
  namesOf(handler) {
    const type = typeOf(handler);
    return type === undefined ? [] : [`${type}.${nameOf(handler)}`];
  },
};

function requestOf(context: ArgumentsHost): any {
  const operation = operationIn(context.getArgs());
  return operation?.req ?? operation?.request ?? operation?.reply?.request ?? operation;
}

function carrierOf(context: ArgumentsHost): RequestRecord | undefined {
  const request = requestOf(context);
  // What `@fastify/websocket` upgraded is over when its socket is, which may be days after the operation.
  if (typeof request !== 'object' || request === null || request.ws === true) return undefined;
  return findRecord(rawOf(request));
}

function responseOf(context: ArgumentsHost): any {
  const operation = operationIn(context.getArgs());
  // Apollo on Fastify hands over no response, but the entrance saw it.
  return operation?.res ?? operation?.req?.res ?? operation?.reply ?? carrierOf(context)?.response;
}

function addressIn(request: any): unknown {
  return request?.ip ?? request?.socket?.remoteAddress;
}

/** Without `statusCode` in the body, with which Apollo would turn a 429 into INTERNAL_SERVER_ERROR. */
function exceptionOf(refusal: Refusal): HttpException {
  const { message, ...extensions } = refusalPayload(refusal);
  const exception = new HttpException({ message, code: refusal.code }, refusal.statusCode);
  return Object.assign(exception, { extensions });
}

/** The keys of `@nestjs/graphql`, which need not be there. */
const TYPE_METADATA = 'graphql:resolver_type';
const NAME_METADATA = 'graphql:resolver_name';
const PROPERTY_METADATA = 'graphql:resolve_property';

/** A root field says its type itself; that of a field below stands on the resolver, as a name or as a function of one. */
function typeOf({ controller, method }: Handler): string | undefined {
  const type: unknown = Reflect.getMetadata(TYPE_METADATA, method);
  if (typeof type === 'string') return type;
  if (Reflect.getMetadata(PROPERTY_METADATA, method) !== true) return undefined;
  const parent: unknown = Reflect.getMetadata(TYPE_METADATA, controller);
  return typeof parent === 'string' ? parent : controller.name;
}

function nameOf({ method, name }: Handler): string {
  const named: unknown = Reflect.getMetadata(NAME_METADATA, method);
  return typeof named === 'string' && named !== '' ? named : name;
}
