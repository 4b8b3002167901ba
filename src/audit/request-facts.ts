import { IncomingMessage, type IncomingHttpHeaders } from 'node:http';
import { rawOf } from '../request/http-message.js';

/* oxlint-disable typescript/no-explicit-any -- the frameworks' requests share no type */

export interface RequestFacts {
  readonly method: string | undefined;
  /** As it came, without the query string. */
  readonly path: string | undefined;
  readonly query: string | undefined;
  readonly route: string | undefined;
  readonly userAgent: string | undefined;
  readonly requestId: string | undefined;
  /** Of the socket: what is left where the framework does not say who called. */
  readonly remoteAddress: string | undefined;
}

/** What an HTTP request itself says, from Express's or Fastify's request or from Node's own; `arrived`: its headers as it came. */
export function requestFacts(request: any, arrived?: IncomingHttpHeaders): RequestFacts {
  const raw: any = rawOf(request) ?? {};
  const headers = arrived ?? raw.headers;
  const url = text(raw.originalUrl) ?? text(raw.url) ?? '';
  const mark = url.indexOf('?');
  return {
    method: text(raw.method),
    path: pathOf(mark < 0 ? url : url.slice(0, mark)),
    query: mark < 0 ? undefined : url.slice(mark + 1),
    route: routeOf(request),
    userAgent: text(headers?.['user-agent']),
    requestId: harmlessId(request?.id) ?? harmlessId(headers?.['x-request-id']),
    remoteAddress: text(raw.socket?.remoteAddress)?.replace(/^::ffff:(?=\d+\.)/i, ''),
  };
}

/** Of a message nothing is known that its sender has not written. */
export const NO_FACTS: RequestFacts = requestFacts(undefined);

/** The parameters that are wanted, as they came, in the order of the address. */
export function allowedQuery(query: string, allowed: ReadonlySet<string>): string {
  const kept = query
    .slice(0, 8192)
    .split('&')
    .filter((pair) => allowed.has(decoded(pair.split('=', 1)[0]!)));
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

/** A proxy's client sends the whole address: only the path is kept. */
function pathOf(path: string): string | undefined {
  if (path === '' || path.startsWith('/')) return path || undefined;
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/]*(\/.*)?$/i.exec(path);
  return absolute === null ? path : (absolute[1] ?? '/');
}

function routeOf(request: any): string | undefined {
  const fastify = request instanceof IncomingMessage ? undefined : text(request?.routeOptions?.url);
  if (fastify !== undefined) return fastify;
  const path = text(request?.route?.path);
  return path === undefined ? undefined : `${text(request.baseUrl) ?? ''}${path}`;
}

/** Somebody else's text, so only if it is short and made of what ids are made of. */
function harmlessId(id: unknown): string | undefined {
  if (typeof id === 'number') return String(id);
  return typeof id === 'string' && /^[\w.:/+=@-]{1,64}$/.test(id) ? id : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}
