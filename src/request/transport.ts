import type { ArgumentsHost } from '@nestjs/common';
import type { Transport } from './caller.js';

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
      const graphql = context.getArgByIndex(2);
      return graphql?.req ?? graphql?.request ?? graphql?.reply?.request ?? graphql;
    }
    case 'ws':
      return context.switchToWs().getClient();
    default:
      return context.switchToHttp().getRequest();
  }
}

/** Where headers can be set; `undefined` on transports, and in GraphQL contexts, that have no response. */
export function responseOf(context: ArgumentsHost): any {
  switch (transportOf(context)) {
    case 'http':
      return context.switchToHttp().getResponse();
    case 'graphql': {
      const graphql = context.getArgByIndex(2);
      return graphql?.res ?? graphql?.req?.res ?? graphql?.reply;
    }
    default:
      return undefined;
  }
}

/** Node's own request under Fastify's wrapper; Express hands over Node's own. */
export function rawOf(request: any): object {
  return request?.raw ?? request;
}

/**
 * What stands for this one call, wherever it is asked: Node's request on HTTP; elsewhere the array of arguments,
 * which guards, interceptors and handler of one call share (a WebSocket client outlives the call, and two
 * fields of one GraphQL operation share a request).
 */
export function callKeyOf(context: ArgumentsHost): object {
  return context.getType<string>() === 'http' ? rawOf(context.getArgByIndex(0)) : context.getArgs();
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
