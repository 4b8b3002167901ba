import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { httpRefusal, PROBLEM_TYPE, refusalHeaders, wantsProblem } from '../../refusal/refusal.js';
import { holdType, rawOf, setHeaders } from '../http-message.js';
import { recordedUser, userOnRequest } from './signed-in.js';
import type { TransportDefinition } from './transport.js';

/** Requests over HTTP/1 and HTTP/2, on Express and Fastify. */
export const http: TransportDefinition<'http'> = {
  name: 'http',
  endsWithResponse: true,

  requestOf: (context) => context.getArgByIndex(0),
  keyOf: (context) => rawOf(context.getArgByIndex(0)),
  responseOf: (context) => context.getArgByIndex(1),

  principalOf(request, context) {
    const recorded = recordedUser(request, context);
    return recorded === undefined ? userOnRequest(request) : recorded;
  },
  userHolderOf: (request) => request,
  originOf: (request) => request,
  addressOf: (request) => request?.ip ?? request?.socket?.remoteAddress,

  refuse(context, refusal) {
    const asProblem = wantsProblem(context.getArgByIndex(0));
    const response: unknown = context.getArgByIndex(1);
    setHeaders(response, refusalHeaders(refusal, asProblem));
    if (asProblem && refusal.problem) holdType(response, PROBLEM_TYPE);
    throw httpRefusal(refusal, asProblem);
  },

  isHandler: isRoute,
  /** `GET /orders/:id`, for each of its paths. */
  namesOf({ controller, method }, globalPrefix) {
    if (!isRoute(method)) return [];
    const verb = RequestMethod[Reflect.getMetadata(METHOD_METADATA, method) as number] ?? 'ALL';
    return pathsOf(controller).flatMap((first) =>
      pathsOf(method).map((second) => `${verb} /${[globalPrefix, first, second].map(bare).filter(Boolean).join('/')}`),
    );
  },
};

/** Whether Nest routes HTTP requests to this method. */
function isRoute(method: Function): boolean {
  return Reflect.hasMetadata(PATH_METADATA, method) && Reflect.hasMetadata(METHOD_METADATA, method);
}

function pathsOf(owner: Function): string[] {
  const path: unknown = Reflect.getMetadata(PATH_METADATA, owner);
  return Array.isArray(path) ? path.map(String) : [typeof path === 'string' ? path : ''];
}

const bare = (path: string | undefined): string => (path ?? '').replaceAll(/^\/+|\/+$/g, '');
