// A signature says yes to one token, by one key.
import { createHash } from 'node:crypto';
import { attacksOf, claims, header, issued, type World } from './attack.js';
import { encode, forge, partsOf, type Signer } from '../forging.js';

export const onSignature = attacksOf((attack) => {
  attack('invalid_signature', 'a signature cut short', async (w) => {
    const { segments } = partsOf(await w.good());
    return [segments[0], segments[1], segments[2].slice(0, 200)].join('.');
  });
  attack('invalid_signature', 'a signature made longer', async (w) => `${(await w.good()).slice(0, -2)}AAAAAA`);
  attack('invalid_signature', 'the signature of another token', async (w) => {
    const [one, other] = [partsOf(await w.good()).segments, partsOf(issued(w, { sub: 'other' })).segments];
    return [one[0], one[1], other[2]].join('.');
  });
  attack('invalid_signature', 'a payload changed after it was signed', async (w) => {
    const { segments, payload } = partsOf(await w.good());
    return [segments[0], encode({ ...payload, sub: 'admin' }), segments[2]].join('.');
  });
  attack('invalid_signature', 'a header changed after it was signed', async (w) => {
    const { segments, header: signed } = partsOf(await w.good());
    return [encode({ ...signed, extra: 1 }), segments[1], segments[2]].join('.');
  });
  const es = (w: World, signature: Buffer): string => forge({ alg: 'ES256', kid: w.ec.kid }, claims(w), signature);
  attack('invalid_signature', 'an ECDSA signature of zeros', (w) => es(w, Buffer.alloc(64)));
  attack('invalid_signature', 'an ECDSA signature with r of zero', (w) =>
    forge({ alg: 'ES256', kid: w.ec.kid }, claims(w), (input) => {
      const signature = Buffer.from(w.ec.sign(input));
      return signature.fill(0, 0, 32);
    }),
  );
  attack('invalid_signature', 'an ECDSA signature of the order of the curve', (w) => {
    const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
    return es(w, Buffer.concat([order, order]));
  });
  attack('invalid_signature', 'an ECDSA signature in DER, which is another spelling', (w) =>
    forge({ alg: 'ES256', kid: w.ec.kid }, claims(w), derOf(w.ec.sign)),
  );
  attack('invalid_signature', 'an EdDSA signature of zeros', (w) =>
    forge({ alg: 'EdDSA', kid: w.ed.kid }, claims(w), Buffer.alloc(64)),
  );
  attack('invalid_signature', 'an EdDSA signature whose s is out of range', (w) =>
    forge({ alg: 'EdDSA', kid: w.ed.kid }, claims(w), (input) => Buffer.from(w.ed.sign(input)).fill(255, 32)),
  );
  attack('invalid_signature', 'an ECDSA signature with zeros in front of its numbers', (w) =>
    forge({ alg: 'ES256', kid: w.ec.kid }, claims(w), (input) => {
      const signature = w.ec.sign(input);
      const zero = Buffer.alloc(1);
      return Buffer.concat([zero, signature.subarray(0, 32), zero, signature.subarray(32)]);
    }),
  );
  attack('invalid_signature', 'an EdDSA signature with the order of its group added to s', (w) =>
    forge({ alg: 'EdDSA', kid: w.ed.kid }, claims(w), (input) => plusGroupOrder(w.ed.sign(input))),
  );
  attack('invalid_signature', 'an RSA signature with the modulus added to it', plusModulus);
  attack('invalid_signature', 'a cube root for a signature, under an exponent of 3', (w) =>
    forge(header(w, { kid: w.cube.kid }), claims(w), cubeRootSigner),
  );
});

/** The same signature as a SEQUENCE of two INTEGERs. */
function derOf(signer: Signer): Signer {
  return (input) => {
    const raw64 = signer(input);
    const integer = (bytes: Buffer): Buffer => {
      const content = bytes[0]! >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
      return Buffer.concat([Buffer.from([0x02, content.length]), content]);
    };
    const both = Buffer.concat([integer(raw64.subarray(0, 32)), integer(raw64.subarray(32))]);
    return Buffer.concat([Buffer.from([0x30, both.length]), both]);
  };
}

const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`);
const bytesOf = (number: bigint, length: number): Buffer =>
  Buffer.from(number.toString(16).padStart(length * 2, '0'), 'hex');

/** The same s modulo the order: who does not compare the two takes both (RFC 8032 section 5.1.7). */
function plusGroupOrder(signature: Buffer): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = numberOf(Buffer.from(signature.subarray(32)).reverse()) + order;
  return Buffer.concat([signature.subarray(0, 32), bytesOf(s, 32).reverse()]);
}

/** The same number modulo n, where there is room for it in as many bytes (RFC 8017 section 8.2.2, step 2b). */
function plusModulus(w: World): string {
  const n = numberOf(Buffer.from(w.rsa.jwk.n!, 'base64url'));
  for (let tries = 0; ; tries++) {
    const { segments } = partsOf(issued(w, { tries }));
    const sum = numberOf(Buffer.from(segments[2], 'base64url')) + n;
    if (sum < 2n ** 2048n || tries === 500) {
      return [segments[0], segments[1], bytesOf(sum % 2n ** 2048n, 256).toString('base64url')].join('.');
    }
  }
}

/** Bleichenbacher's forgery of 2006: the cube is right in front, and rubbish behind, where nobody should stop to look. */
const cubeRootSigner: Signer = (input) => {
  const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const hash = createHash('sha256').update(input).digest();
  const front = Buffer.concat([Buffer.from([0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 0]), digestInfo, hash]);
  const wanted = numberOf(Buffer.concat([front, Buffer.alloc(256 - front.length)]));
  let [low, high] = [0n, 2n ** 683n];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle ** 3n < wanted) low = middle + 1n;
    else high = middle;
  }
  return bytesOf(low, 256);
};
