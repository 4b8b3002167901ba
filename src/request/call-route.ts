import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';
import { graphqlRouteOf } from './graphql.js';

/** The names of Nest's own metadata: the packages that bring them need not be there. */
export const MESSAGE_METADATA = 'message';
export const PATTERN_METADATA = 'microservices:pattern';

/**
 * What a call is of, in the words of its transport: `Mutation.login`, the name of a WebSocket's message, the pattern of
 * a microservice's, `Orders/Find` on gRPC. It comes from the application's own code, never from who calls.
 */
export function callRouteOf(context: ExecutionContext): string | undefined {
  if (context.getType<string>() === 'graphql') return graphqlRouteOf(context);
  const handler = context.getHandler();
  const key = context.getType() === 'ws' ? MESSAGE_METADATA : PATTERN_METADATA;
  const pattern: unknown = Reflect.getMetadata(key, handler);
  return patternText(Array.isArray(pattern) ? pattern[0] : pattern) ?? `${context.getClass().name}.${handler.name}`;
}

/** A microservice's pattern as one text: `orders.place`, `{"cmd":"place"}`, `Orders/Place`. */
export function patternText(pattern: unknown): string | undefined {
  if (typeof pattern === 'string') return pattern;
  if (typeof pattern !== 'object' || pattern === null) return undefined;
  const { service, rpc } = pattern as { service?: unknown; rpc?: unknown };
  return typeof service === 'string' && typeof rpc === 'string' ? `${service}/${rpc}` : JSON.stringify(pattern);
}
