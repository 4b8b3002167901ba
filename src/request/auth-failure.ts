import type { RefusalCategory } from './refusal-category.js';

/**
 * Why somebody else's authentication refused, in the words of our own: `@nestjs/passport` leaves the error of its
 * strategy as `request.authInfo`. The names are those of `jsonwebtoken` and `passport-jwt`
 * (https://github.com/auth0/node-jsonwebtoken#errors--codes). Anything else is not guessed.
 */
export function authFailureLeftOn(request: unknown): RefusalCategory | undefined {
  const info = (request as { authInfo?: unknown } | null | undefined)?.authInfo;
  if (typeof info !== 'object' || info === null) return undefined;
  const { name, message } = info as { name?: unknown; message?: unknown };
  if (name === 'TokenExpiredError') return 'expired_token';
  if (name === 'NotBeforeError') return 'not_active';
  if (message === 'No auth token') return 'missing';
  if (name !== 'JsonWebTokenError' || typeof message !== 'string') return undefined;
  return CATEGORIES.find(([start]) => message.startsWith(start))?.[1] ?? 'malformed';
}

/** How the messages of a JsonWebTokenError begin, and the category each is. */
const CATEGORIES: readonly (readonly [start: string, category: RefusalCategory])[] = [
  ['invalid signature', 'invalid_signature'],
  ['jwt signature is required', 'invalid_signature'],
  ['invalid algorithm', 'algorithm'],
  ['jwt audience invalid', 'audience'],
  ['jwt issuer invalid', 'issuer'],
  ['jwt subject invalid', 'claims'],
  ['jwt id invalid', 'claims'],
  ['nonce invalid', 'claims'],
  ['invalid nbf value', 'claims'],
  ['invalid exp value', 'claims'],
  ['iat required', 'claims'],
  ['secret or public key must be provided', 'key'],
  ['error in secret or public key callback', 'key'],
];
