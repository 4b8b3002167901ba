import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { isPlainObject } from '../options/check.js';
import { algorithmsFor } from './algorithms.js';

const MIN_RSA_BITS = 2048;

/** One key of an issuer, as long as its set names it. */
export class VerificationKey {
  /** The set no longer names it: what it has verified is forgotten. */
  withdrawn = false;

  constructor(
    /** All of the JWK that matters; equal in two sets if it is the same key. */
    readonly id: string,
    readonly kid: string | undefined,
    readonly algorithms: ReadonlySet<string>,
    readonly object: KeyObject,
  ) {}
}

/** The public members of each key type; the private ones that an issuer publishes by mistake are not even looked at. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
};

/**
 * The key of a JWK (RFC 7517), or `undefined` if it is not one to verify signatures with: symmetric, meant for
 * encryption, of an unknown type or curve, broken, or RSA of less than 2048 bits (RFC 7518 section 3.3).
 */
export function importJwk(jwk: unknown, known?: ReadonlyMap<string, VerificationKey>): VerificationKey | undefined {
  if (!isPlainObject(jwk)) return undefined;
  const { kty, kid, use, key_ops: operations, alg } = jwk;
  const members = typeof kty === 'string' && Object.hasOwn(MEMBERS, kty) ? MEMBERS[kty]! : undefined;
  if (members === undefined) return undefined;
  if (kid !== undefined && typeof kid !== 'string') return undefined;
  if (use !== undefined && use !== 'sig') return undefined;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return undefined;
  const algorithms = algorithmsFor(kty, jwk['crv']).filter((name) => alg === undefined || name === alg);
  if (algorithms.length === 0) return undefined;

  const id = JSON.stringify([kid, alg, kty, ...members.map((name) => jwk[name])]);
  const same = known?.get(id);
  if (same !== undefined) return same;
  const object = publicKey({ kty, ...Object.fromEntries(members.map((name) => [name, jwk[name]])) } as JsonWebKey);
  return object && new VerificationKey(id, kid, new Set(algorithms), object);
}

export function secretKey(secret: string | Buffer, algorithms: readonly string[]): VerificationKey {
  const object = createSecretKey(typeof secret === 'string' ? Buffer.from(secret, 'utf8') : Buffer.from(secret));
  return new VerificationKey('secret', undefined, new Set(algorithms), object);
}

function publicKey(jwk: JsonWebKey): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    if (jwk.kty !== 'RSA') return key;
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    // With an exponent of 1 every message is its own signature.
    const sound = modulusLength >= MIN_RSA_BITS && publicExponent >= 3n && publicExponent % 2n === 1n;
    return sound ? key : undefined;
  } catch {
    return undefined;
  }
}
