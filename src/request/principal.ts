import type { ExecutionContext } from '@nestjs/common';
import type { Transport } from './caller.js';
import { graphqlContextOf } from './graphql.js';

/* oxlint-disable typescript/no-explicit-any -- requests and clients are whatever the framework's own are */

/** Where authentication leaves whom it has found, unless `identity.getPrincipal` says. Only what the server wrote counts. */
export function principalLeftOn(transport: Transport, request: any, context: ExecutionContext | undefined): unknown {
  // Of a message the payload is data from outside: a `user` in it is a claim of the sender, not a fact.
  if (transport === 'rpc') return context && leftOnMessage(context.getArgByIndex(1));
  const recorded = recordedFor(request, context);
  if (recorded !== undefined) return recorded;
  if (transport === 'ws') return request?.data?.user ?? request?.user;
  const found = request?.user ?? request?.auth ?? request?.cognito_jwt_payload;
  if (found !== undefined || transport !== 'graphql') return found;
  // `extra` is what graphql-ws keeps of a connection, and `onConnect` writes to; the last is a context made by hand.
  return request?.extra?.user ?? (context && graphqlContextOf(context)?.user);
}

const USER_OF = Symbol.for('nestjs.authentication.userOf');

/**
 * Nest's own `@nestjs/authentication` leaves a function that answers for each call, because a WebSocket outlives its
 * messages: `null` is nobody, `undefined` is no answer.
 */
function recordedFor(request: any, context: ExecutionContext | undefined): unknown {
  const userOf: unknown = request?.[USER_OF];
  return typeof userOf === 'function' ? userOf.call(request, context) : undefined;
}

/** Nest's context of a message (`TcpContext`, gRPC's `Metadata`), where a guard may leave a user. A plain object may have been sent. */
function leftOnMessage(message: any): unknown {
  if (typeof message !== 'object' || message === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(message);
  return prototype === null || prototype === Object.prototype ? undefined : message.user;
}
