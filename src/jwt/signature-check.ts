import { verify } from 'node:crypto';
import { Strategy } from 'passport-jwt';
import type { CompactToken } from './compact-token.js';
import type { VerificationKey } from './verification-key.js';

/** Whether the key made the signature of the token. */
export interface SignatureCheck {
  isSignedBy(token: CompactToken, key: VerificationKey): boolean;
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
class SignatureStrategy extends Strategy implements SignatureCheck {
  private accepted = false;
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
        passReqToCallback: true,
      },
      (call: SignedCall, _payload, done) => done(null, call.key),
    );
    const refused = (): void => {
      this.accepted = false;
    };
    this.call = Object.assign(Object.create(this) as this, {
      success: () => {
        this.accepted = true;
      },
      // Its error may quote the payload, so that nobody gets to see it.
      fail: refused,
      error: refused,
    }) as unknown as { authenticate(request: SignedCall): void };
  }

  isSignedBy(token: CompactToken, key: VerificationKey): boolean {
    this.accepted = false;
    try {
      this.call.authenticate({ token, key });
      return this.accepted;
    } catch {
      return false;
    } finally {
      this.accepted = false;
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
    isSignedBy: (token, key) =>
      EDWARDS.has(token.header.alg) ? isEdwardsSignature(token, key) : strategy.isSignedBy(token, key),
  };
}

function isEdwardsSignature({ text, signatureAt }: CompactToken, key: VerificationKey): boolean {
  const signed = Buffer.from(text.slice(0, signatureAt - 1), 'latin1');
  try {
    return verify(null, signed, key.object, Buffer.from(text.slice(signatureAt), 'base64url'));
  } catch {
    return false;
  }
}
