import type { JwtClaims } from '../request/claims.js';

/** Own properties only: what a polluted prototype, or a claim named like a method, cannot reach. */
// Half the time of Object.hasOwn() on Node 20, and this is asked several times for each token.
// oxlint-disable-next-line typescript/unbound-method -- bound by call()
const { hasOwnProperty } = Object.prototype;

/** The claims, if they are a plain object; a string, an array, a class instance or nothing at all is no set of claims. */
export function asClaims(value: unknown): JwtClaims | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second look admits an Object.prototype of another realm (vm contexts, as in Jest).
  const plain = prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
  return plain ? (value as JwtClaims) : undefined;
}

export function claim(claims: JwtClaims, name: string): unknown {
  return hasOwnProperty.call(claims, name) ? claims[name] : undefined;
}

export function has(claims: JwtClaims, name: string): boolean {
  const value = claim(claims, name);
  return value !== undefined && value !== null && value !== '';
}

/** A string with something in it: blank text says nothing, and a number or an array is no name. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && !isBlank(value) ? value : undefined;
}

/** The claim as text, or undefined when it is absent, blank or of another type. */
export function textClaim(claims: JwtClaims, name: string): string | undefined {
  return text(claim(claims, name));
}

/** A user's key may be a number in a database, and is one in many tokens. */
export function named(value: unknown): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : text(value) !== undefined;
}

/** A nested set of claims, as in `act`, `firebase` or `kubernetes.io`. */
export function objectClaim(claims: JwtClaims, name: string): JwtClaims | undefined {
  return asClaims(claim(claims, name));
}

/** Of the claim `aud`: the only audience, where there is exactly one. */
export function soleAudience(audience: unknown): string | undefined {
  if (Array.isArray(audience)) return audience.length === 1 ? text(audience[0]) : undefined;
  return text(audience);
}

/** Whether the claim is this value, or an array with this value in it. */
export function includes(value: unknown, wanted: string): boolean {
  return value === wanted || (Array.isArray(value) && value.includes(wanted));
}

function isBlank(value: string): boolean {
  // Nearly always decided by the first character; trim() would copy.
  return value.length === 0 || (value.charCodeAt(0) <= 32 && value.trim() === '');
}
