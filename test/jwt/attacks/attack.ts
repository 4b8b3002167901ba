// What people try. Each attack makes one token; the category is what audit and metrics shall read, never the caller.
import type { KeyObject } from 'node:crypto';
import type { RefusalCategory } from '../../../src/jwt/index.js';
import { forge, seconds, type TestKey } from '../forging.js';

export interface World {
  /** A good token of the issuer under attack, RS256, made anew on each call. */
  readonly good: () => Promise<string>;
  /** That issuer, whose set holds the keys below. */
  readonly iss: string;
  readonly rsa: TestKey & { readonly privateKey: KeyObject };
  readonly ec: TestKey;
  readonly ed: TestKey;
  /** RSA for any algorithm, and RSA with an exponent of 3. */
  readonly pss: TestKey & { readonly privateKey: KeyObject };
  readonly cube: TestKey;
  /** In its set, but not to be used: for encryption, too short, withdrawn. */
  readonly encryption: TestKey;
  readonly weak: TestKey;
  /** Another trusted issuer with keys of its own, and one with a secret. */
  readonly otherIss: string;
  readonly otherKey: TestKey;
  /** The other issuer's, under the kid of `rsa`. */
  readonly otherTwin: TestKey;
  readonly secretIss: string;
  readonly secret: Buffer;
  /** The attacker's server, which must never be asked, and the attacker's key. */
  readonly evil: string;
  readonly evilKey: TestKey;
}

export interface Attack {
  readonly name: string;
  readonly category: RefusalCategory;
  readonly make: (world: World) => string | Promise<string>;
}

export const claims = (w: World, extra: object = {}): Record<string, unknown> => ({
  iss: w.iss,
  sub: 'mallory',
  aud: 'api',
  iat: seconds() - 1,
  exp: seconds() + 600,
  ...extra,
});
export const header = (w: World, extra: object = {}): Record<string, unknown> => ({
  alg: 'RS256',
  typ: 'JWT',
  kid: w.rsa.kid,
  ...extra,
});
/** Signed by the issuer itself: what is wrong is in the header or the payload. */
export const issued = (w: World, extraClaims: object = {}, extraHeader: object = {}): string =>
  forge(header(w, extraHeader), claims(w, extraClaims), w.rsa.sign);
export const raw = (w: World, payload: string | Buffer): string => forge(header(w), payload, w.rsa.sign);
export const text = (value: object): string => JSON.stringify(value);

export type Add = (category: RefusalCategory, name: string, make: Attack['make']) => void;

/** The attacks that `fill` adds. */
export function attacksOf(fill: (attack: Add) => void): readonly Attack[] {
  const list: Attack[] = [];
  fill((category, name, make) => list.push({ name, category, make }));
  return list;
}
