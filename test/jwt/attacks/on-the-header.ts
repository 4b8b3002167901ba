// Extensions that nobody here understands, and tokens made for something else.
import { deflateRawSync } from 'node:zlib';
import { attacksOf, claims, header, issued, text } from './attack.js';
import { forge, partsOf } from '../forging.js';

export const onHeader = attacksOf((attack) => {
  for (const crit of [
    ['exp'],
    ['b64'],
    ['alg'],
    ['exp', 'exp'],
    [],
    {},
    'exp',
    null,
    ['http://example.com/UNDEFINED'],
  ]) {
    attack('unsupported', `crit ${JSON.stringify(crit)}`, (w) => issued(w, {}, { crit, exp: 1 }));
  }
  for (const b64 of [false, true, 'false']) {
    attack('unsupported', `b64 ${JSON.stringify(b64)}`, (w) => issued(w, {}, { b64 }));
  }
  attack('malformed', 'an unencoded payload', (w) => {
    const { segments } = partsOf(issued(w, {}, { b64: false, crit: ['b64'] }));
    return [segments[0], '{"sub":"mallory"}', segments[2]].join('.');
  });
  attack('malformed', 'a compressed payload', (w) =>
    forge(header(w, { zip: 'DEF' }), deflateRawSync(text(claims(w))), w.rsa.sign),
  );
  attack('malformed', 'a token in the token, as cty says', (w) =>
    forge(header(w, { cty: 'JWT' }), issued(w), w.rsa.sign),
  );
  for (const typ of [
    ...['logout+jwt', 'application/logout+jwt', 'dpop+jwt', 'secevent+jwt', 'client-authentication+jwt', 'rt+jwt'],
    ...[
      'oauth-id-jag+jwt',
      'token-introspection+jwt',
      'vc+sd-jwt',
      'JOSE+JSON',
      'JWE',
      'JWTx',
      'at+jwt ',
      'JWT\u0000',
      '',
    ],
  ]) {
    attack('type', `typ ${JSON.stringify(typ)}`, (w) => issued(w, {}, { typ }));
  }
  for (const typ of [7, null, ['JWT']]) {
    attack('type', `a typ that is ${JSON.stringify(typ)}`, (w) => issued(w, {}, { typ }));
  }
});
