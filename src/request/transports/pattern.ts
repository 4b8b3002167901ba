import 'reflect-metadata';
import type { ExecutionContext } from '@nestjs/common';

/** The patterns under Nest's key of metadata that a handler of messages listens to; none of any other method. */
export function patternsUnder(key: string, method: Function): readonly unknown[] {
  const patterns: unknown = Reflect.getMetadata(key, method);
  return Array.isArray(patterns) ? patterns : patterns === undefined ? [] : [patterns];
}

/** The first of them, else the handler's own name: it comes from the application's code, never from who calls. */
export function patternRoute(key: string, context: ExecutionContext): string {
  const handler = context.getHandler();
  return patternText(patternsUnder(key, handler)[0]) ?? `${context.getClass().name}.${handler.name}`;
}

/** A pattern as one text: `say`, `orders.place`, `{"cmd":"place"}`, `Orders/Place` on gRPC. */
export function patternText(pattern: unknown): string | undefined {
  if (typeof pattern === 'string') return pattern;
  if (typeof pattern !== 'object' || pattern === null) return undefined;
  const { service, rpc } = pattern as { service?: unknown; rpc?: unknown };
  return typeof service === 'string' && typeof rpc === 'string' ? `${service}/${rpc}` : JSON.stringify(pattern);
}
