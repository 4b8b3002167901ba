import { constants, generateKeyPair, randomUUID, sign, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { typeError } from '../options/check.js';

const makeKeyPair = promisify(generateKeyPair) as unknown as (
  type: string,
  options: object,
) => Promise<{ publicKey: KeyObject; privateKey: KeyObject }>;

const CURVES: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** A key pair, and how tokens are signed with it (RFC 7515, RFC 7518). */
export class TokenSigner {
  private constructor(
    readonly algorithm: string,
    readonly kid: string,
    private readonly privateKey: KeyObject,
    /** The public key as a key set shows it. */
    readonly jwk: JsonWebKey,
  ) {}

  /** @param algorithm RS, PS or ES with 256, 384 or 512, or EdDSA. */
  static async create(algorithm: string): Promise<TokenSigner> {
    const { publicKey, privateKey } = await keyPairFor(algorithm);
    const kid = randomUUID();
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: algorithm };
    return new TokenSigner(algorithm, kid, privateKey, jwk);
  }

  sign(claims: object, header: object = {}): string {
    const input = `${encode({ alg: this.algorithm, typ: 'JWT', kid: this.kid, ...header })}.${encode(claims)}`;
    return `${input}.${this.signatureOf(Buffer.from(input)).toString('base64url')}`;
  }

  private signatureOf(input: Buffer): Buffer {
    const { algorithm, privateKey: key } = this;
    if (algorithm === 'EdDSA') return sign(null, input, key);
    const digest = `sha${algorithm.slice(2)}`;
    if (algorithm.startsWith('ES')) return sign(digest, input, { key, dsaEncoding: 'ieee-p1363' });
    if (algorithm.startsWith('RS')) return sign(digest, input, key);
    return sign(digest, input, {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    });
  }
}

function keyPairFor(algorithm: string): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  if (/^(RS|PS)(256|384|512)$/.test(algorithm)) return makeKeyPair('rsa', { modulusLength: 2048 });
  if (algorithm === 'EdDSA') return makeKeyPair('ed25519', {});
  const namedCurve = CURVES[algorithm];
  if (namedCurve === undefined) {
    throw typeError('TestIssuer.start({ algorithm })', 'RS, PS or ES with 256, 384 or 512, or EdDSA', algorithm);
  }
  return makeKeyPair('ec', { namedCurve });
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
