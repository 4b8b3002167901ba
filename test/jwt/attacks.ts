// What people try. Each attack makes one token; the category is what audit and metrics shall read, never the caller.
import type { KeyObject } from 'node:crypto';
import type { RefusalCategory } from '../../src/jwt/index.js';
import { encode, forge, hmac, partsOf, respell, rsaSigner, seconds, type Signer, type TestKey } from './forging.js';

export interface World {
  /** A good token of the issuer under attack, RS256, made anew on each call. */
  readonly good: () => Promise<string>;
  /** That issuer, whose set holds the keys below. */
  readonly iss: string;
  readonly rsa: TestKey & { readonly privateKey: KeyObject };
  readonly ec: TestKey;
  readonly ed: TestKey;
  /** In its set, but not to be used: for encryption, too short, withdrawn. */
  readonly encryption: TestKey;
  readonly weak: TestKey;
  /** Another trusted issuer with keys of its own, and one with a secret. */
  readonly otherIss: string;
  readonly otherKey: TestKey;
  readonly secretIss: string;
  readonly secret: Buffer;
  /** The attacker's server, which must never be asked, and the attacker's key. */
  readonly evil: string;
  readonly evilKey: TestKey;
}

export interface Attack {
  readonly name: string;
  readonly category: RefusalCategory;
  readonly make: (world: World) => string | Promise<string>;
}

const claims = (w: World, extra: object = {}): Record<string, unknown> => ({
  iss: w.iss,
  sub: 'mallory',
  aud: 'api',
  iat: seconds() - 1,
  exp: seconds() + 600,
  ...extra,
});
const header = (w: World, extra: object = {}): Record<string, unknown> => ({
  alg: 'RS256',
  typ: 'JWT',
  kid: w.rsa.kid,
  ...extra,
});
/** Signed by the issuer itself: what is wrong is in the header or the payload. */
const issued = (w: World, extraClaims: object = {}, extraHeader: object = {}): string =>
  forge(header(w, extraHeader), claims(w, extraClaims), w.rsa.sign);
const raw = (w: World, payload: string | Buffer): string => forge(header(w), payload, w.rsa.sign);
const text = (value: object): string => JSON.stringify(value);

const list: Attack[] = [];
const attack = (category: RefusalCategory, name: string, make: Attack['make']): void => {
  list.push({ name, category, make });
};

// The algorithm is the caller's word; only the issuer's configuration counts.
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

// The key is the issuer's, whatever the token brings along.
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

// The issuer is chosen by its exact name.
for (const [name, iss] of [
  ['the attacker, who answers discovery', (w: World) => w.evil],
  ['the issuer with a slash more', (w: World) => `${w.iss}/`],
  ['the issuer in capitals', (w: World) => w.iss.toUpperCase()],
  ['the issuer behind credentials', (w: World) => w.iss.replace('http://', 'http://evil@')],
  ['the issuer with a path', (w: World) => `${w.iss}/.`],
  ['the issuer with a space', (w: World) => `${w.iss} `],
  ['a list with the issuer in it', (w: World) => [w.iss]],
  ['an object', (w: World) => ({ toString: w.iss })],
  ['a number', () => 7],
  ['null', () => null],
  ['absent', () => undefined],
  ['a name that every object inherits', () => 'constructor'],
] as [string, (w: World) => unknown][]) {
  attack('issuer', `an iss that is ${name}`, (w) => issued(w, { iss: iss(w) }));
}
attack('issuer', 'the attacker as issuer, with the attacker as key server', (w) =>
  forge(header(w, { kid: w.evilKey.kid, jku: `${w.evil}/jwks` }), claims(w, { iss: w.evil }), w.evilKey.sign),
);

// One token has one spelling.
attack('malformed', 'standard base64 in the signature', async (w) => {
  // One in many has neither character: look for one that has.
  for (;;) {
    const { segments } = partsOf(await w.good());
    if (/[-_]/.test(segments[2])) {
      return [segments[0], segments[1], segments[2].replaceAll('-', '+').replaceAll('_', '/')].join('.');
    }
  }
});
for (const part of [0, 1, 2] as const) {
  const name = ['header', 'payload', 'signature'][part]!;
  attack('malformed', `padding after the ${name}`, async (w) => {
    const segments = [...partsOf(await w.good()).segments];
    segments[part] += '=';
    return segments.join('.');
  });
  attack('malformed', `unused bits set in the ${name}`, (w) => {
    // The padding claim makes the length of the part one that has unused bits.
    for (let length = 0; ; length++) {
      const pad = 'p'.repeat(length);
      const segments = [...partsOf(issued(w, { pad }, { pad })).segments];
      if (segments[part]!.length % 4 === 0) continue;
      segments[part] = respell(segments[part]!);
      if (segments.join('.') !== issued(w, { pad }, { pad })) return segments.join('.');
    }
  });
}
attack('malformed', 'a tilde in the signature', async (w) => `${(await w.good()).slice(0, -1)}~`);
attack('malformed', 'characters beyond ASCII', async (w) => `${(await w.good()).slice(0, -1)}é`);
attack('malformed', 'one part', (w) => encode(claims(w)));
attack('malformed', 'two parts', async (w) => (await w.good()).split('.').slice(0, 2).join('.'));
attack('malformed', 'four parts', async (w) => `${await w.good()}.AAAA`);
attack(
  'malformed',
  'five parts, as an encrypted token has',
  (w) => `${encode({ alg: 'dir', enc: 'A256GCM' })}..${encode('iv')}.${encode(claims(w))}.${encode('tag')}`,
);
attack('malformed', 'a detached payload', async (w) => (await w.good()).replace(/\.[^.]+\./, '..'));
attack('malformed', 'dots only', () => '..');
attack('malformed', 'the JSON form of a JWS', (w) => encode({ payload: encode(claims(w)), signatures: [] }));
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

// Header and payload are JSON objects that two readers read alike.
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
attack('malformed', 'objects in thousands of levels', (w) =>
  raw(w, text(claims(w, { a: 'X' })).replace('"X"', '['.repeat(3000) + ']'.repeat(3000))),
);
attack('too_large', 'a token of 13 kilobytes', (w) => issued(w, { padding: 'x'.repeat(9_500) }));
attack('too_large', 'a header of 13 kilobytes', (w) => issued(w, {}, { padding: 'x'.repeat(9_500) }));

// Extensions that nobody here understands, and tokens made for something else.
for (const crit of [['exp'], ['b64'], [], 'exp', null, ['http://example.com/UNDEFINED']]) {
  attack('unsupported', `crit ${JSON.stringify(crit)}`, (w) => issued(w, {}, { crit, exp: 1 }));
}
attack('unsupported', 'an unencoded payload', (w) => issued(w, {}, { b64: false }));
for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'client-authentication+jwt', 'JWTx', '']) {
  attack('type', `typ ${JSON.stringify(typ)}`, (w) => issued(w, {}, { typ }));
}
for (const typ of [7, null, ['JWT']]) {
  attack('type', `a typ that is ${JSON.stringify(typ)}`, (w) => issued(w, {}, { typ }));
}

// Claims of every type, at their extremes.
for (const exp of [undefined, null, '9999999999', true, [9999999999], {}, 1e15, Number.MAX_SAFE_INTEGER]) {
  attack('claims', `exp that is ${JSON.stringify(exp) ?? 'absent'}`, (w) => issued(w, { exp }));
}
attack('claims', 'exp that overflows to infinity', (w) =>
  raw(w, text(claims(w, { exp: 'X' })).replace('"X"', '1e999')),
);
attack('claims', 'exp in milliseconds', (w) => issued(w, { exp: Date.now() + 1e6 }));
for (const exp of [0, -1, 1, 1.5]) attack('expired_token', `exp ${String(exp)}`, (w) => issued(w, { exp }));
attack('expired_token', 'a second too late', (w) => issued(w, { exp: seconds() - 1 }));
attack('not_active', 'an hour too early', (w) => issued(w, { nbf: seconds() + 3600 }));
attack('not_active', 'issued in the future, to outlive every limit of age', (w) =>
  issued(w, { iat: seconds() + 3600 }),
);
for (const value of ['0', null, true, [], {}]) {
  attack('claims', `nbf that is ${JSON.stringify(value)}`, (w) => issued(w, { nbf: value }));
  attack('claims', `iat that is ${JSON.stringify(value)}`, (w) => issued(w, { iat: value }));
}
for (const sub of [7, null, ['admin'], { id: 'admin' }, true]) {
  attack('claims', `sub that is ${JSON.stringify(sub)}`, (w) => issued(w, { sub }));
}
for (const aud of [
  undefined,
  null,
  '',
  'other',
  'api2',
  'API',
  'api ',
  'other api',
  [],
  [['api']],
  ['api', 7],
  { 0: 'api' },
  7,
  true,
]) {
  attack('audience', `aud that is ${JSON.stringify(aud) ?? 'absent'}`, (w) => issued(w, { aud }));
}
attack('audience', 'a list for client_id where aud is absent', (w) =>
  issued(w, { aud: undefined, client_id: ['api'] }),
);
attack('audience', 'client_id in the place of another aud', (w) => issued(w, { aud: 'other', client_id: 'api' }));

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

export const ATTACKS: readonly Attack[] = list;
