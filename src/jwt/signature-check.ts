import { verify } from 'node:crypto';
import { Strategy } from 'passport-jwt';
import { payloadSegment, type CompactToken } from './compact-token.js';
import type { VerificationKey } from './verification-key.js';

/** Checks signatures of one issuer. */
export interface SignatureCheck {
  /** The payload as it was parsed, if the key made the signature of the token and the token is the issuer's. */
  payloadOf(token: CompactToken, alg: string, key: VerificationKey): unknown;
}

/** What we hand to passport-jwt in the place of a request: it never looks into it, only gives it to our callbacks. */
interface SignedCall {
  readonly token: CompactToken;
  readonly key: VerificationKey;
}

/** Signatures that jsonwebtoken, under passport-jwt, does not know. */
const EDWARDS = new Set(['EdDSA', 'Ed25519']);

/**
 * passport-jwt with our keys. Its strategy is asked as passport asks it, by `authenticate()` on an object with `success`,
 * `fail` and `error`, but with no request, response or promise in between: the key is at hand, so the answer is too.
 *
 * The times and the audience are checked by us: jsonwebtoken takes an `exp` of any number, or none at all.
 */
class SignatureStrategy extends Strategy {
  private payload: unknown = undefined;
  private readonly call: { authenticate(request: SignedCall): void };

  constructor(issuer: string, algorithms: readonly string[]) {
    super(
      {
        jwtFromRequest: (call: SignedCall) => call.token.text,
        // jsonwebtoken takes a KeyObject as it is; the types of passport-jwt are older than KeyObject.
        secretOrKeyProvider: (call: SignedCall, _text, done) => done(null, call.key.object as unknown as Buffer),
        issuer,
        algorithms: algorithms as never,
        jsonWebTokenOptions: { ignoreNotBefore: true },
        ignoreExpiration: true,
      },
      (payload: unknown, done) => done(null, payload),
    );
    // Its error may quote the payload, so that nobody gets to see it.
    const refused = (): void => undefined;
    this.call = Object.assign(Object.create(this) as this, {
      success: (payload: unknown) => {
        this.payload = payload;
      },
      fail: refused,
      error: refused,
    }) as unknown as { authenticate(request: SignedCall): void };
  }

  payloadOf(token: CompactToken, key: VerificationKey): unknown {
    this.payload = undefined;
    try {
      this.call.authenticate({ token, key });
      return this.payload;
    } catch {
      return undefined;
    } finally {
      this.payload = undefined;
    }
  }
}

/** The check for the tokens of one issuer. */
export function signatureCheck(issuer: string, algorithms: readonly string[]): SignatureCheck {
  const strategy = new SignatureStrategy(
    issuer,
    algorithms.filter((alg) => !EDWARDS.has(alg)),
  );
  return {
    payloadOf: (token, alg, key) =>
      EDWARDS.has(alg) ? edwardsPayloadOf(token, issuer, key) : strategy.payloadOf(token, key),
  };
}

function edwardsPayloadOf(token: CompactToken, issuer: string, key: VerificationKey): unknown {
  const { text, signatureAt } = token;
  const signed = Buffer.from(text.slice(0, signatureAt - 1), 'latin1');
  try {
    if (!verify(null, signed, key.object, Buffer.from(text.slice(signatureAt), 'base64url'))) return undefined;
    const payload = JSON.parse(Buffer.from(payloadSegment(token), 'base64url').toString('utf8')) as { iss?: unknown };
    return payload.iss === issuer ? payload : undefined;
  } catch {
    return undefined;
  }
}
