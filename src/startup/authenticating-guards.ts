import { AUTHENTICATES } from '../request/authenticates.js';

/** How sure we are that a guard sets the principal. */
export type Authenticates = 'surely' | 'perhaps' | 'no';

/** The brand of the guards of `@nestjs/authentication`. */
const FIRST_PARTY = Symbol.for('@nestjs/authentication:guard');
const PASSPORT_METHODS = ['handleRequest', 'logIn', 'getAuthenticateOptions'];

/** By its brand or by the methods of `@nestjs/passport`'s mixin: surely. By its name alone: perhaps. */
export function authenticates(guard: Function): Authenticates {
  const brands = guard as unknown as Record<symbol, unknown>;
  if (brands[AUTHENTICATES] === true || brands[FIRST_PARTY] === true) return 'surely';
  const prototype = guard.prototype as Record<string, unknown> | undefined;
  if (prototype !== undefined && PASSPORT_METHODS.every((name) => typeof prototype[name] === 'function'))
    return 'surely';
  return /auth(?!ori[sz]|services)|jwt|bearer|login/i.test(guard.name) ? 'perhaps' : 'no';
}
