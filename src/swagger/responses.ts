import { STATUS_CODES } from 'node:http';
import type { Refusable } from './refusable.js';

/** As much of OpenAPI's response object as is written here. */
export interface DocumentedResponse {
  readonly status: number;
  readonly description: string;
  readonly headers: Record<string, { description: string; schema: { type: 'string' | 'integer'; minimum?: number } }>;
  readonly schema: object;
}

type Headers = DocumentedResponse['headers'];

const RETRY_AFTER: Headers = {
  'Retry-After': {
    description: 'Seconds until it may be tried again; absent where waiting cannot help.',
    schema: { type: 'integer', minimum: 1 },
  },
};

const HEADERS: Readonly<Record<keyof Refusable, Headers>> = {
  401: {
    'WWW-Authenticate': {
      description: 'How to authenticate (RFC 6750): `Bearer`, with `error="invalid_token"` where there was a token.',
      schema: { type: 'string' },
    },
  },
  403: {},
  429: {
    ...RETRY_AFTER,
    'X-RateLimit-Limit': {
      description: 'Requests that the policy allows in its window.',
      schema: { type: 'integer', minimum: 0 },
    },
    'X-RateLimit-Remaining': {
      description: 'Requests that are left.',
      schema: { type: 'integer', minimum: 0 },
    },
    'X-RateLimit-Reset': {
      description: 'When quota returns, in seconds since 1970.',
      schema: { type: 'integer', minimum: 0 },
    },
    'RateLimit-Policy': {
      description: 'Every policy with its quota and window: `"default";q=100;w=60`.',
      schema: { type: 'string' },
    },
    RateLimit: {
      description: 'What is left of every policy, and in how many seconds more is: `"default";r=0;t=60`.',
      schema: { type: 'string' },
    },
  },
  503: RETRY_AFTER,
};

const DESCRIPTIONS: Readonly<Record<keyof Refusable, string>> = {
  401: 'Nobody is known: there is no token, or it is not valid.',
  403: 'This route is not for a caller of this kind.',
  429: 'Too many requests.',
  503: 'What is needed to answer is away for the moment.',
};

/** A response for each status that the route may refuse with. */
export function responsesFor(refusable: Refusable): DocumentedResponse[] {
  return ([401, 403, 429, 503] as const)
    .filter((status) => refusable[status].length > 0)
    .map((status) => ({
      status,
      description: DESCRIPTIONS[status],
      headers: HEADERS[status],
      schema: {
        type: 'object',
        required: ['statusCode', 'message', 'error', 'code'],
        properties: {
          statusCode: { type: 'integer', enum: [status] },
          message: { type: 'string' },
          error: { type: 'string', enum: [STATUS_CODES[status]] },
          code: {
            type: 'string',
            enum: [...refusable[status]],
            description: 'To match on; the message is for people.',
          },
        },
      },
    }));
}
