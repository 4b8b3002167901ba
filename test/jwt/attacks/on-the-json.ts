// Header and payload are JSON objects that two readers read alike.
import { attacksOf, claims, header, issued, raw, text, type World } from './attack.js';
import { forge, seconds } from '../forging.js';

export const onJson = attacksOf((attack) => {
  for (const [name, payload] of [
    ['an array', '[]'],
    ['a text', '"admin"'],
    ['null', 'null'],
    ['no JSON', 'sub=admin'],
    ['JSON with a comment', '{/**/}'],
    ['JSON with a byte order mark', '\uFEFF{}'],
    ['another token', 'eyJhbGciOiJub25lIn0.e30.'],
  ] as const) {
    attack('malformed', `a payload that is ${name}`, (w) => raw(w, payload));
    attack('malformed', `a header that is ${name}`, (w) => forge(payload, claims(w), w.rsa.sign));
  }
  attack('malformed', 'a payload in UTF-16', (w) => raw(w, Buffer.from(text(claims(w)), 'utf16le')));
  attack('malformed', 'a payload that is not UTF-8', (w) =>
    raw(w, Buffer.concat([Buffer.from(text(claims(w)).slice(0, -1)), Buffer.from(',"a":"\xC3\x28"}', 'latin1')])),
  );
  attack('malformed', 'NaN for exp', (w) => raw(w, text(claims(w, { exp: 'X' })).replace('"X"', 'NaN')));
  const twice = (w: World, name: string, value: unknown): string =>
    `${text(claims(w)).slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}`;
  attack('malformed', 'sub twice', (w) => raw(w, twice(w, 'sub', 'admin')));
  attack('malformed', 'exp twice', (w) => raw(w, twice(w, 'exp', seconds() + 1e6)));
  attack('malformed', 'iss twice', (w) => raw(w, twice(w, 'iss', w.otherIss)));
  attack('malformed', 'aud twice', (w) => raw(w, twice(w, 'aud', 'other')));
  attack('malformed', 'sub twice, once in escapes', (w) =>
    raw(w, twice(w, 'X', 'admin').replace('"X"', String.raw`"\u0073ub"`)),
  );
  attack('malformed', 'a role twice in an object of the payload', (w) =>
    raw(w, text(claims(w, { realm: 'X' })).replace('"X"', '{"role":"user","role":"admin"}')),
  );
  attack('malformed', 'alg twice', (w) => forge(text(header(w)).replace('{', '{"alg":"none",'), claims(w), w.rsa.sign));
  attack('malformed', 'kid twice', (w) => forge(text(header(w)).replace('{', '{"kid":"x",'), claims(w), w.rsa.sign));
  attack('malformed', '__proto__ in the payload', (w) =>
    raw(w, text(claims(w)).replace('{', '{"__proto__":{"admin":true},')),
  );
  attack('malformed', '__proto__ deep in the payload', (w) =>
    raw(w, text(claims(w, { a: 'X' })).replace('"X"', '[{"b":{"__proto__":{"isM2M":true}}}]')),
  );
  attack('malformed', '__proto__ in the header', (w) =>
    forge(text(header(w)).replace('{', '{"__proto__":{"alg":"none"},'), claims(w), w.rsa.sign),
  );
  attack('malformed', '__proto__ in escapes', (w) =>
    raw(w, text(claims(w)).replace('{', String.raw`{"\u005f_proto__":{"admin":true},`)),
  );
  attack('malformed', 'the prototype by way of the constructor', (w) =>
    raw(w, text(claims(w, { constructor: { prototype: { admin: true } } }))),
  );
  attack('malformed', 'two objects', (w) => raw(w, `${text(claims(w))}{"sub":"admin"}`));
  attack('malformed', 'something behind the object', (w) => raw(w, `${text(claims(w))}\u0000`));
  attack('malformed', 'keys without quotes', (w) => raw(w, text(claims(w)).replace('"sub"', 'sub')));
  for (const number of ['0x7fffffff', '09999999999', '+9999999999', '9999999999.', 'Infinity', '9_999_999_999']) {
    attack('malformed', `${number} for exp`, (w) => raw(w, text(claims(w, { exp: 'X' })).replace('"X"', number)));
  }
  attack('malformed', 'iss twice, once in escapes', (w) =>
    raw(w, twice(w, 'X', w.otherIss).replace('"X"', String.raw`"\u0069ss"`)),
  );
  attack('malformed', 'objects in thousands of levels', (w) =>
    raw(w, text(claims(w, { a: 'X' })).replace('"X"', '['.repeat(3000) + ']'.repeat(3000))),
  );
  attack('too_large', 'a token of 13 kilobytes', (w) => issued(w, { padding: 'x'.repeat(9_500) }));
  attack('too_large', 'a header of 13 kilobytes', (w) => issued(w, {}, { padding: 'x'.repeat(9_500) }));
});
