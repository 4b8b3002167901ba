import { STATUS_CODES } from 'node:http';
import { HttpException, type ArgumentsHost } from '@nestjs/common';
import { recordOf, responseOf } from '../request/record.js';
import { setHeaders, transportOf } from '../request/transport.js';
import { refusalPayload, throwRpc, throwWs } from './transport-exceptions.js';

/** The codes a client can match on, the same on every transport. */
export type RefusalCode =
  | 'unauthenticated'
  | 'human_only'
  | 'm2m_only'
  | 'rate_limited'
  | 'rate_limit_unavailable'
  | 'audit_unavailable'
  | 'keys_unavailable';

/** A denial on its way out. */
export interface Refusal {
  readonly statusCode: number;
  readonly code: RefusalCode;
  /** What the client reads; it never says which claim decided. */
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
  /** Sent where there is a response, beside `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The refusal as Nest's own exception, with the body of API.md. */
export function httpRefusal(refusal: Refusal): HttpException {
  const { statusCode, code, message } = refusal;
  return new HttpException({ statusCode, message, error: STATUS_CODES[statusCode] ?? 'Error', code }, statusCode);
}

/**
 * Throws the refusal in the form that the transport of `context` delivers, having noted it on the call's record and
 * set its headers. On HTTP it throws at once; on WebSockets and microservices it returns a promise that rejects,
 * because the class of the exception has to be loaded first.
 */
export function refuse(context: ArgumentsHost, refusal: Refusal): never | Promise<never> {
  recordOf(context).refusal = refusal;
  const transport = transportOf(context);
  if (transport === 'ws') return throwWs(refusal);
  if (transport === 'rpc') return throwRpc(context, refusal);
  setHeaders(responseOf(context), refusalHeaders(refusal));
  throw transport === 'graphql' ? graphqlRefusal(refusal) : httpRefusal(refusal);
}

export function refusalHeaders(refusal: Refusal): Record<string, string> {
  const retry = refusal.retryAfterSeconds;
  return { ...refusal.headers, ...(retry !== undefined && { 'Retry-After': String(retry) }) };
}

/** Without `statusCode` in the body, with which Apollo would turn a 429 into INTERNAL_SERVER_ERROR. */
function graphqlRefusal(refusal: Refusal): HttpException {
  const { message, ...extensions } = refusalPayload(refusal);
  const exception = new HttpException({ message, code: refusal.code }, refusal.statusCode);
  return Object.assign(exception, { extensions });
}
