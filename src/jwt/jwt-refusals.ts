import type { Refusal } from '../refusal/refusal.js';

function unauthorized(challenge: string): Refusal {
  const headers = { 'WWW-Authenticate': challenge };
  return Object.freeze({ statusCode: 401, code: 'unauthenticated', message: 'Unauthorized', headers });
}

/** No token, or none that could be looked at. */
export const tokenMissing = unauthorized('Bearer');

/** RFC 6750 section 3.1, without a description: why a token is invalid is nobody's business. */
export const invalidToken = unauthorized('Bearer error="invalid_token"');

export function keysUnavailable(retryAfterSeconds: number): Refusal {
  return { statusCode: 503, code: 'keys_unavailable', message: 'Service Unavailable', retryAfterSeconds };
}
