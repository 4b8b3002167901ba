// The key is the issuer's, whatever the token brings along.
import { attacksOf, claims, header, issued, type World } from './attack.js';
import { forge } from '../forging.js';

export const onKey = attacksOf((attack) => {
  const injected: [string, (w: World) => object][] = [
    ['jwk', (w) => ({ jwk: w.evilKey.jwk })],
    ['jku', (w) => ({ jku: `${w.evil}/jwks` })],
    ['x5u', (w) => ({ x5u: `${w.evil}/cert` })],
    [
      'x5c',
      (w) => ({ x5c: [(w.evilKey.publicKey.export({ type: 'spki', format: 'der' }) as Buffer).toString('base64')] }),
    ],
    ['jwk, jku, x5u and x5c', (w) => ({ jwk: w.evilKey.jwk, jku: `${w.evil}/j`, x5u: `${w.evil}/x`, x5c: ['AA=='] })],
    ['x5t and x5t#S256', () => ({ x5t: 'AAAA', 'x5t#S256': 'AAAA' })],
  ];
  for (const [names, extra] of injected) {
    attack('invalid_signature', `a key of its own in ${names}, under a known kid`, (w) =>
      forge(header(w, extra(w)), claims(w), w.evilKey.sign),
    );
  }
  attack('key', 'a key of its own in jwk, under its own kid', (w) =>
    forge(header(w, { kid: w.evilKey.kid, jwk: w.evilKey.jwk }), claims(w), w.evilKey.sign),
  );
  attack('key', 'no kid, where several keys could be meant', (w) =>
    forge({ alg: 'ES256', jwk: w.evilKey.jwk }, claims(w), w.ec.sign),
  );
  for (const kid of [
    '../../../../../../dev/null',
    '/proc/sys/kernel/randomize_va_space',
    "' UNION SELECT 'AAAA",
    'http://127.0.0.1:9/key.pem',
    'key | /usr/bin/id',
    '__proto__',
    'constructor',
    'toString',
    'kid\u0000rsa',
    '*',
    ' rsa',
    'RSA',
    '\uFF52sa',
    'rsa\u200B',
  ]) {
    attack('key', `kid ${JSON.stringify(kid)}`, (w) => forge(header(w, { kid }), claims(w), w.evilKey.sign));
  }
  for (const kid of [7, null, true, ['rsa'], { kid: 'rsa' }, '', 'k'.repeat(257)]) {
    attack('key', `a kid that is ${JSON.stringify(kid).slice(0, 20)}`, (w) => issued(w, {}, { kid }));
  }
  attack('key', 'the key of another trusted issuer', (w) =>
    forge(header(w, { kid: w.otherKey.kid }), claims(w), w.otherKey.sign),
  );
  attack('invalid_signature', 'the key of another trusted issuer under a kid of this one', (w) =>
    forge(header(w, { alg: 'RS256' }), claims(w), w.otherKey.sign),
  );
  attack('key', 'a key that its set keeps for encryption', (w) =>
    forge(header(w, { kid: w.encryption.kid }), claims(w), w.encryption.sign),
  );
  attack('key', 'an RSA key of 1024 bits in the set', (w) =>
    forge(header(w, { kid: w.weak.kid }), claims(w), w.weak.sign),
  );
});
