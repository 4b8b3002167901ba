import type { ExecutionContext } from '@nestjs/common';

/* oxlint-disable typescript/no-explicit-any -- requests and clients are whatever the framework's own are */

const USER_OF = Symbol.for('nestjs.authentication.userOf');

/**
 * Nest's own `@nestjs/authentication` leaves a function that answers for each call, because a WebSocket outlives its
 * messages: `null` is nobody, `undefined` is no answer.
 */
export function recordedUser(request: any, context: ExecutionContext | undefined): unknown {
  const userOf: unknown = request?.[USER_OF];
  return typeof userOf === 'function' ? userOf.call(request, context) : undefined;
}

/** Passport and most other guards; `express-oauth2-jwt-bearer`; the guards for AWS Cognito. */
export function userOnRequest(request: any): unknown {
  return request?.user ?? request?.auth ?? request?.cognito_jwt_payload;
}
