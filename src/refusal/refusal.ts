import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';

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

/** What is sent along with that body. */
export function refusalHeaders(refusal: Refusal, asProblem = false): Record<string, string> {
  const { headers, retryAfterSeconds: retry, problem } = refusal;
  return {
    ...headers,
    ...(retry !== undefined && { 'Retry-After': String(retry) }),
    ...(asProblem && problem && { 'Content-Type': PROBLEM_TYPE }),
  };
}

export const PROBLEM_TYPE = 'application/problem+json';

/** Whether the client names the type in `Accept`; a wildcard means what everybody gets. */
export function wantsProblem(request: unknown): boolean {
  const accept = (request as { headers?: { accept?: string } } | undefined)?.headers?.accept;
  if (accept === undefined || !accept.includes('problem+json')) return false;
  return accept.split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return type === PROBLEM_TYPE && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/** What a client that gets no HTTP response receives. */
export function refusalPayload({ code, message, retryAfterSeconds }: Refusal): Record<string, unknown> {
  return { code, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}
