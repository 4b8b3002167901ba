// The algorithm is the caller's word; only the issuer's configuration counts.
import { constants, sign } from 'node:crypto';
import { attacksOf, claims, header, issued, type World } from './attack.js';
import { encode, forge, hmac, partsOf, rsaSigner } from '../forging.js';

export const onAlgorithm = attacksOf((attack) => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', 'none ', 'n\u043Ene']) {
    attack('algorithm', `alg ${JSON.stringify(alg)} without a signature`, (w) =>
      forge(header(w, { alg }), claims(w), ''),
    );
  }
  attack('algorithm', 'alg none with the signature of a good token', async (w) => {
    const { segments } = partsOf(await w.good());
    return `${encode(header(w, { alg: 'none' }))}.${segments[1]}.${segments[2]}`;
  });
  attack('algorithm', 'alg none without kid', (w) => forge({ alg: 'none' }, claims(w), ''));
  attack('invalid_signature', 'RS256 without a signature', (w) => forge(header(w), claims(w), ''));
  for (const [form, secretOf] of [
    ['its SPKI PEM', (w: World) => w.rsa.publicKey.export({ type: 'spki', format: 'pem' })],
    ['its SPKI PEM trimmed', (w: World) => (w.rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string).trim()],
    ['its PKCS1 PEM', (w: World) => w.rsa.publicKey.export({ type: 'pkcs1', format: 'pem' })],
    ['its SPKI DER', (w: World) => w.rsa.publicKey.export({ type: 'spki', format: 'der' })],
    ['its JWK as text', (w: World) => JSON.stringify(w.rsa.jwk)],
    ['its modulus as text', (w: World) => w.rsa.jwk.n!],
    ['its modulus as bytes', (w: World) => Buffer.from(w.rsa.jwk.n!, 'base64url')],
    ['nothing', () => ''],
  ] as [string, (w: World) => string | Buffer][]) {
    attack('algorithm', `HS256 with the public key as a secret: ${form}`, (w) =>
      forge(header(w, { alg: 'HS256' }), claims(w), hmac(secretOf(w))),
    );
  }
  attack('algorithm', 'HS512 with the public key as a secret', (w) => {
    const pem = w.rsa.publicKey.export({ type: 'spki', format: 'pem' });
    return forge(header(w, { alg: 'HS512' }), claims(w), hmac(pem, 'sha512'));
  });
  attack('algorithm', 'HS256 with a symmetric key that the key set holds', (w) =>
    forge(header(w, { alg: 'HS256', kid: 'symmetric' }), claims(w), hmac(Buffer.from('AAAA', 'base64url'))),
  );
  attack('algorithm', 'HS256 with the secret of another issuer', (w) =>
    forge(header(w, { alg: 'HS256' }), claims(w), hmac(w.secret)),
  );
  attack('algorithm', 'RS256 at an issuer that signs with a secret', (w) =>
    forge(header(w), claims(w, { iss: w.secretIss }), w.rsa.sign),
  );
  attack('invalid_signature', 'the public key as a secret at an issuer that signs with one', (w) => {
    const pem = w.rsa.publicKey.export({ type: 'spki', format: 'pem' });
    return forge({ alg: 'HS256' }, claims(w, { iss: w.secretIss }), hmac(pem));
  });
  for (const alg of [
    'rs256',
    'RS256 ',
    ' RS256',
    'RS256\u0000',
    'RSA-SHA256',
    'ES256K',
    'RSA-OAEP',
    'PBES2-HS256+A128KW',
    '',
  ]) {
    attack('algorithm', `alg ${JSON.stringify(alg)}`, (w) => issued(w, {}, { alg }));
  }
  for (const alg of [null, 7, true, ['RS256'], { name: 'RS256' }, undefined]) {
    attack('algorithm', `alg that is ${JSON.stringify(alg) ?? 'absent'}`, (w) => issued(w, {}, { alg }));
  }
  attack('algorithm', 'an algorithm that is not allowed, signed correctly', (w) =>
    forge(header(w, { alg: 'RS512' }), claims(w), rsaSigner(w.rsa.privateKey, 'sha512')),
  );
  attack('key', 'ES256 with the kid of an RSA key', (w) => forge(header(w, { alg: 'ES256' }), claims(w), w.ec.sign));
  attack('key', 'EdDSA with the kid of an EC key', (w) =>
    forge(header(w, { alg: 'EdDSA', kid: w.ec.kid }), claims(w), w.ed.sign),
  );
  attack('key', 'PS256 with a key that its set gives to RS256', (w) =>
    forge(header(w, { alg: 'PS256' }), claims(w), rsaSigner(w.rsa.privateKey, 'sha256', true)),
  );
  attack('invalid_signature', 'a SHA-1 signature under RS256', (w) =>
    forge(header(w), claims(w), rsaSigner(w.rsa.privateKey, 'sha1')),
  );
  attack('invalid_signature', 'a PSS signature under RS256', (w) =>
    forge(header(w), claims(w), rsaSigner(w.rsa.privateKey, 'sha256', true)),
  );
  attack('algorithm', 'another name of an algorithm, which is not allowed', (w) =>
    forge({ alg: 'Ed25519', kid: w.ed.kid }, claims(w), w.ed.sign),
  );
  attack('algorithm', 'PS512 with a key for any algorithm', (w) =>
    forge(header(w, { alg: 'PS512', kid: w.pss.kid }), claims(w), rsaSigner(w.pss.privateKey, 'sha512', true)),
  );
  attack('invalid_signature', 'PS256 over another hash', (w) =>
    forge(header(w, { alg: 'PS256', kid: w.pss.kid }), claims(w), rsaSigner(w.pss.privateKey, 'sha384', true)),
  );
  attack('invalid_signature', 'PS256 without salt', (w) =>
    forge(header(w, { alg: 'PS256', kid: w.pss.kid }), claims(w), (input) =>
      sign('sha256', Buffer.from(input), {
        key: w.pss.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: 0,
      }),
    ),
  );
});
