// The module
export { JwtAuthModule, JWT_AUTH_OPTIONS } from './jwt-auth.module.js';
export type { JwtAuthAsyncOptions } from './jwt-auth.module.js';
export type { JwtAuthOptions, JwtIssuer } from './jwt.options.js';
export type { JwtKeysOptions } from './key-refreshing.js';

// Routes and the caller
export { JwtAuthGuard } from './jwt-auth.guard.js';
export { AllowAnonymous } from './allow-anonymous.decorator.js';
export type { JwtUser } from './jwt-user.js';

// Verification by hand
export { TokenVerifier } from './token-verifier.js';
export type { AcceptedToken, RefusedToken, TokenDecision } from './token-verifier.js';
export type { TokenClassifier } from './jwt-user.js';
export type { RefusalCategory } from '../request/refusal-category.js';
