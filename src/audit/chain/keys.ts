import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { OptionsError } from '../../options/options-error.js';

const RATCHET_BYTES = 32;

/** An Ed25519 key that signs checkpoints. */
export interface SigningKey {
  readonly id: string;
  /** The 32 bytes of its public half. */
  readonly publicBytes: Buffer;
  sign(text: string): Buffer;
}

/** The other half: what a verifier is given. */
export interface PublicKey {
  readonly id: string;
  readonly bytes: Buffer;
  readonly key: KeyObject;
}

/** @throws OptionsError that shows nothing of the key. */
export function signingKeyOf(pem: string | Buffer, path: string): SigningKey {
  const key = parsed(() => createPrivateKey(pem), path, 'an Ed25519 private key in PEM');
  const { id, bytes } = describe(createPublicKey(key));
  return { id, publicBytes: bytes, sign: (text) => sign(null, Buffer.from(text), key) };
}

/** One or several Ed25519 public keys, one PEM after the other: of each key that was used while the log was written. */
export function publicKeysOf(pem: string | Buffer, path: string): readonly PublicKey[] {
  const blocks = pem.toString().match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [''];
  return blocks.map((block) => describe(parsed(() => createPublicKey(block), path, 'an Ed25519 public key in PEM')));
}

/** 32 bytes: as they are, or as hex or base64. */
export function ratchetKeyOf(value: string | Buffer, path: string): Buffer {
  if (Buffer.isBuffer(value) && value.length === RATCHET_BYTES) return Buffer.from(value);
  const text = value.toString('utf8').trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  if (/^[\w+/-]{43}=?$/.test(text)) return Buffer.from(text, 'base64');
  throw refused(path, '32 bytes as hex or base64', 'ERR_AUTH_SERVICES_OPTION_RANGE');
}

function parsed(make: () => KeyObject, path: string, wanted: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = make();
  } catch {
    // The library's message may quote what it was given.
  }
  if (key?.asymmetricKeyType !== 'ed25519') throw refused(path, wanted, 'ERR_AUTH_SERVICES_OPTION_TYPE');
  return key;
}

function refused(path: string, wanted: string, code: `ERR_AUTH_SERVICES_${string}`): OptionsError {
  return new OptionsError(
    code,
    `${path} must be ${wanted}. Make one with: npx nestjs-auth-services audit keygen --out DIR`,
  );
}

function describe(key: KeyObject): PublicKey {
  const spki = key.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(spki).digest('base64url').slice(0, 16);
  return { id, key, bytes: spki.subarray(-32) };
}
