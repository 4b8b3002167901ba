// Tools of an attacker, and of an issuer that makes mistakes: tokens whose header and payload are any text at all.
import { constants, createHmac, generateKeyPairSync, sign, type JsonWebKey, type KeyObject } from 'node:crypto';

export const encode = (part: unknown): string =>
  (Buffer.isBuffer(part) ? part : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part))).toString(
    'base64url',
  );

export type Signer = (input: string) => Buffer;

export interface TestKey {
  readonly publicKey: KeyObject;
  readonly jwk: JsonWebKey & Record<string, unknown>;
  readonly kid: string;
  readonly sign: Signer;
}

/** A key pair whose signer can be told to use any digest or form. */
export function testKey(type: 'rsa' | 'ec' | 'ed25519', kid: string, extra: object = {}, bits = 2048): TestKey {
  const pair =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: bits })
      : type === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  const { publicKey, privateKey } = pair;
  const key = type === 'ec' ? { key: privateKey, dsaEncoding: 'ieee-p1363' as const } : privateKey;
  return {
    publicKey,
    kid,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, ...extra },
    sign: (input) => sign(type === 'ed25519' ? null : 'sha256', Buffer.from(input), key),
  };
}

export const rsaSigner =
  (privateKey: KeyObject, digest: string, pss = false): Signer =>
  (input) =>
    sign(
      digest,
      Buffer.from(input),
      pss
        ? {
            key: privateKey,
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
          }
        : privateKey,
    );

export const hmac =
  (secret: string | Buffer, digest = 'sha256'): Signer =>
  (input) =>
    createHmac(digest, secret).update(input).digest();

/** Header and payload as objects, or as the exact text or bytes they shall have. */
export function forge(header: unknown, payload: unknown, signer: Signer | Buffer | ''): string {
  const input = `${encode(header)}.${encode(payload)}`;
  if (signer === '') return `${input}.`;
  return `${input}.${(Buffer.isBuffer(signer) ? signer : signer(input)).toString('base64url')}`;
}

export interface Parts {
  readonly header: Record<string, unknown>;
  readonly payload: Record<string, unknown>;
  readonly segments: readonly [string, string, string];
}

export function partsOf(token: string): Parts {
  const segments = token.split('.') as [string, string, string];
  const decode = (segment: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(segment, 'base64url').toString()) as Record<string, unknown>;
  return { header: decode(segments[0]), payload: decode(segments[1]), segments };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The same bytes written differently: sets the last of the bits that belong to no byte. The segment must have some. */
export function respell(segment: string): string {
  if (segment.length % 4 === 0) throw new Error('this segment has no unused bits');
  const last = ALPHABET.indexOf(segment.at(-1)!);
  return segment.slice(0, -1) + ALPHABET[last | 1]!;
}

export const seconds = (): number => Math.floor(Date.now() / 1000);
