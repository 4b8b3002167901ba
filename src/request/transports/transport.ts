import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import type { Refusal } from '../../refusal/refusal.js';
import type { Handler } from '../handler.js';
import type { RequestRecord } from '../record.js';

/* oxlint-disable typescript/no-explicit-any -- what a transport hands over has no type that all of them share */

/**
 * All that differs from one transport to another. Each is one file beside this one, and one place in the list of
 * `index.ts`; no other file asks which transport a call came by.
 *
 * What cannot be known is `undefined`, never guessed: the payload of a message is not a user.
 */
export interface TransportDefinition<Name extends string = string> {
  /** What Nest's `getType()` says, and ours: {@link Caller.transport}. */
  readonly name: Name;
  /** Whether a response of its own ends each call. Elsewhere a call is over when its handler has settled. */
  readonly endsWithResponse: boolean;

  // The call
  /** The framework's request, the client of a connection, or the payload of a message. */
  readonly requestOf: (context: ArgumentsHost) => any;
  /** What stands for this one call wherever it is asked: guards, interceptors and handler are given the same. */
  readonly keyOf: (context: ArgumentsHost) => object;
  /** What outlives the arguments of a call that has nothing better for its key: parameter decorators are given others. */
  readonly connectionOf?: (context: ArgumentsHost) => object | undefined;
  /** The record of the HTTP request that brought it along with others, and whose end tells of all. */
  readonly carrierOf?: (context: ArgumentsHost) => RequestRecord | undefined;
  /** By its arguments: whether it is a part of another call, as a GraphQL field below a root field is. */
  readonly isPart?: (args: readonly unknown[]) => boolean;
  /** Where headers can be set. */
  readonly responseOf?: (context: ArgumentsHost) => any;
  /** What is called, in the words of the transport. Absent: its request says so itself. */
  readonly routeOf?: (context: ExecutionContext) => string | undefined;

  // Who is calling, from a request as `requestOf` found it
  /** Whom authentication has left. Only what the server wrote counts. */
  readonly principalOf: (request: any, context: ExecutionContext | undefined) => unknown;
  /** On what authentication leaves its `user`. Absent: there is no such place. */
  readonly userHolderOf?: (request: any) => any;
  /** The HTTP request that a call came with, or as much as is left of the one that opened its connection. */
  readonly originOf?: (request: any) => Origin | undefined;
  /** A token that the client gave apart from the headers of its origin. */
  readonly tokenBeside?: (request: any) => unknown;
  /** From where, as the transport itself knows it. */
  readonly addressOf: (request: any, context: ExecutionContext | undefined) => unknown;

  // The way out
  /**
   * Throws a refusal as its clients are told of errors, and sets its headers where there are any. Returns a promise that
   * rejects where the class of the exception has to be loaded first.
   */
  readonly refuse: (context: ArgumentsHost, refusal: Refusal) => never | Promise<never>;

  // At start
  /** Whether Nest calls this method for this transport. */
  readonly isHandler: (method: Function) => boolean;
  /** By what such a method is called, in the start-up report; none of a method of another transport. */
  readonly namesOf: (handler: Handler, globalPrefix: string | undefined) => readonly string[];
}

/** An HTTP request, Express's, Fastify's or Node's own; or what a connection has kept of one. */
export interface Origin {
  readonly headers?: { readonly authorization?: unknown } | undefined;
  readonly rawHeaders?: unknown;
  readonly raw?: { readonly rawHeaders?: unknown } | undefined;
}
