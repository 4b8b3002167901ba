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

/** What a client gets that asks for `application/problem+json` (RFC 9457), beside `status`, `detail` and `code`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly [extension: string]: unknown;
}

/** A denial on its way out. */
export interface Refusal {
  readonly statusCode: number;
  readonly code: RefusalCode;
  /** What the client reads; it never says which claim decided. */
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
  /** Sent where there is a response, beside `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly problem?: Problem | undefined;
}

/** The refusal as Nest's own exception, with the body of API.md. */
export function httpRefusal(refusal: Refusal, asProblem = false): HttpException {
  const { statusCode, code, message, problem } = refusal;
  // Without `statusCode`, by which Nest would know an error of its own and set its own content type.
  if (asProblem && problem)
    return new HttpException({ ...problem, status: statusCode, detail: message, code }, statusCode);
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
  const asProblem = transport === 'http' && wantsProblem(context.getArgByIndex(0));
  setHeaders(responseOf(context), refusalHeaders(refusal, asProblem));
  throw transport === 'graphql' ? graphqlRefusal(refusal) : httpRefusal(refusal, asProblem);
}

export function refusalHeaders(refusal: Refusal, asProblem = false): Record<string, string> {
  const { headers, retryAfterSeconds: retry, problem } = refusal;
  return {
    ...headers,
    ...(retry !== undefined && { 'Retry-After': String(retry) }),
    ...(asProblem && problem && { 'Content-Type': PROBLEM_TYPE }),
  };
}

const PROBLEM_TYPE = 'application/problem+json';

/** Whether the client names the type in `Accept`; a wildcard means what everybody gets. */
export function wantsProblem(request: unknown): boolean {
  const accept = (request as { headers?: { accept?: string } } | undefined)?.headers?.accept;
  if (accept === undefined || !accept.includes('problem+json')) return false;
  return accept.split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return type === PROBLEM_TYPE && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/** Without `statusCode` in the body, with which Apollo would turn a 429 into INTERNAL_SERVER_ERROR. */
function graphqlRefusal(refusal: Refusal): HttpException {
  const { message, ...extensions } = refusalPayload(refusal);
  const exception = new HttpException({ message, code: refusal.code }, refusal.statusCode);
  return Object.assign(exception, { extensions });
}
