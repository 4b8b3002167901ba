import type { ArgumentsHost } from '@nestjs/common';
import type { Transport } from './caller.js';
import { graphqlContextOf, graphqlInfoOf, placeOf } from './graphql.js';

/* oxlint-disable typescript/no-explicit-any -- what a transport hands over has no type that all of them share */

/** Which transport a call came by. GraphQL is told by name: its package need not be there. */
export function transportOf(context: ArgumentsHost): Transport {
  const type: string = context.getType();
  return type === 'http' || type === 'graphql' || type === 'ws' ? type : 'rpc';
}

/** The framework's request, the WebSocket client, or the payload of a message. */
export function requestOf(context: ArgumentsHost): any {
  switch (transportOf(context)) {
    case 'graphql': {
      const graphql = graphqlContextOf(context);
      return graphql?.req ?? graphql?.request ?? graphql?.reply?.request ?? graphql;
    }
    case 'ws':
      return context.switchToWs().getClient();
    default:
      return context.switchToHttp().getRequest();
  }
}

/** Node's own request under Fastify's wrapper; Express hands over Node's own. */
export function rawOf(request: any): object {
  return request?.raw ?? request;
}

/**
 * What stands for this one call, wherever it is asked: Node's request on HTTP; the place in the operation on GraphQL,
 * of which a request may hold many; elsewhere the array of arguments, which guards, interceptors and handler of one
 * call share, because a WebSocket client outlives the call.
 */
export function callKeyOf(context: ArgumentsHost): object {
  switch (context.getType<string>()) {
    case 'http':
      return rawOf(context.getArgByIndex(0));
    case 'graphql':
      return placeOf(graphqlInfoOf(context)) ?? context.getArgs();
    default:
      return context.getArgs();
  }
}

/**
 * What outlives the array of arguments where a call has nothing better: the WebSocket client, the context of a message, the
 * gRPC call. Parameter decorators are given an array of their own, and find there whose application they are in.
 */
export function connectionOf(context: ArgumentsHost): object | undefined {
  const [first, second] = context.getArgs<[unknown, unknown]>();
  const connection = context.getType<string>() === 'ws' ? first : (second ?? first);
  return typeof connection === 'object' && connection !== null ? connection : undefined;
}

/** Sets headers where there are any to set; says nothing where there are none, or they have left already. */
export function setHeaders(response: any, headers: Readonly<Record<string, string>>): void {
  if (response === undefined || response === null) return;
  if (typeof response.headers === 'function' && response.raw !== undefined) {
    if (!response.sent && !response.raw.headersSent) response.headers(headers);
    return;
  }
  if (typeof response.setHeader !== 'function' || response.headersSent) return;
  for (const name in headers) response.setHeader(name, headers[name]);
}
