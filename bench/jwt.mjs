// What verifying a bearer token costs, beside its peers, in one run; then a verdict, and the whole guard on Fastify.
// usage: npm run bench -- jwt [--ms 40] [--rounds 15] [--seconds 3] [--dist DIR]
//
// One process, one token at a time, 64 tokens of about 700 characters, each handed over as a new string, as a server gets
// them. Slices of all variants are interleaved round by round, so that noise hits all alike; what counts is the median of
// the ratios within each round. Every variant has to accept the good tokens and to refuse one that was tampered with, or it is left out.
import { createHmac, createSecretKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const require = createRequire(import.meta.url);
const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const SLICE_MS = Number(argument('ms', 40));
const ROUNDS = Number(argument('rounds', 15));
const WARM_UP_ROUNDS = 15;
const DIST = pathToFileURL(`${resolve(argument('dist', new URL('../dist/cjs', import.meta.url).pathname))}/`);

const { TokenVerifier } = await import(new URL('jwt/index.js', DIST));
const { M2MTokenDetector } = await import(new URL('index.js', DIST));
const { Strategy } = require('passport-jwt');
const jsonwebtoken = require('jsonwebtoken');
const optional = async (name) => import(name).catch(() => console.error(`${name} is not installed here: left out.`));
const jwksRsa = await optional('jwks-rsa');
const jose = await optional('jose');
const fastJwt = await optional('fast-jwt');
const awsJwtVerify = await optional('aws-jwt-verify');

const ISSUER = 'https://id.example.com/';
const AUDIENCE = 'https://api.example.com';
const TOKENS = 64;
const encode = (part) => Buffer.from(part).toString('base64url');

function algorithm(alg) {
  if (alg === 'HS256') {
    const secret = randomBytes(32);
    return {
      alg,
      secret,
      key: createSecretKey(secret),
      sign: (data) => createHmac('sha256', secret).update(data).digest(),
    };
  }
  const pair =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : alg === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  const key = alg === 'ES256' ? { key: pair.privateKey, dsaEncoding: 'ieee-p1363' } : pair.privateKey;
  return {
    alg,
    key: pair.publicKey,
    jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg },
    pem: pair.publicKey.export({ type: 'spki', format: 'pem' }),
    sign: (data) => sign(alg === 'EdDSA' ? null : 'sha256', data, key),
  };
}

function tokensOf(a) {
  const seconds = Math.floor(Date.now() / 1000);
  return Array.from({ length: TOKENS }, () => {
    const header = encode(JSON.stringify({ alg: a.alg, typ: 'JWT', kid: 'k1' }));
    const payload = encode(
      JSON.stringify({
        iss: ISSUER,
        sub: `auth0|${randomBytes(12).toString('hex')}`,
        aud: AUDIENCE,
        iat: seconds,
        nbf: seconds - 1,
        exp: seconds + 3600,
        jti: randomUUID(),
        azp: 'my_client_id',
        scope: 'openid profile read:things write:things',
        permissions: ['read:things', 'write:things'],
        'https://example.com/tenant': 'acme',
      }),
    );
    return `${header}.${payload}.${a.sign(Buffer.from(`${header}.${payload}`)).toString('base64url')}`;
  });
}

/** passport-jwt as passport runs it, without a framework around it. */
function passportJwt(a, secretOrKeyProvider) {
  const strategy = new Strategy(
    {
      jwtFromRequest: (request) => request.token,
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: [a.alg],
      secretOrKeyProvider,
    },
    (payload, done) => done(null, payload),
  );
  return (token) =>
    new Promise((resolve, reject) => {
      const run = Object.create(strategy);
      run.success = resolve;
      run.fail = (error) => reject(error ?? new Error('refused'));
      run.error = reject;
      run.authenticate({ token, headers: {} });
    });
}

/** The cheapest classifier, so that this measures verification; the detector has a bench of its own. */
const classifier = { classify: (claims) => ({ kind: 'human', clientId: null, subject: claims.sub, scopes: [] }) };

function ours(a, cache) {
  const keys = a.secret === undefined ? { jwks: { keys: [a.jwk] } } : { secret: a.secret };
  const issuer = { issuer: ISSUER, audience: AUDIENCE, algorithms: [a.alg], ...keys };
  const verifier = new TokenVerifier({ issuers: [issuer], cache }, classifier);
  return (token) => {
    const decision = verifier.verify(token);
    if (!decision.accepted) throw new Error(decision.category);
    return decision.user;
  };
}

const YARDSTICK = 'passport-jwt, KeyObject';
const OURS = 'this package, first sight of a token';
const OURS_CACHED = 'this package, cache hit';

function variantsOf(a) {
  const checks = { algorithms: [a.alg], issuer: ISSUER, audience: AUDIENCE };
  const variants = new Map();
  variants.set(OURS, ours(a, false));
  variants.set(OURS_CACHED, ours(a, { maxTokens: 10_000 }));
  if (a.alg !== 'EdDSA') {
    variants.set(
      YARDSTICK,
      passportJwt(a, (_request, _token, done) => done(null, a.key)),
    );
    variants.set('jsonwebtoken, KeyObject', (token) => jsonwebtoken.verify(token, a.key, checks));
  }
  if (jwksRsa !== undefined && (a.alg === 'RS256' || a.alg === 'ES256')) {
    const { passportJwtSecret } = jwksRsa.default ?? jwksRsa;
    const fetcher = () => Promise.resolve({ keys: [a.jwk] });
    const provider = passportJwtSecret({ jwksUri: `${ISSUER}jwks`, cache: true, rateLimit: true, fetcher });
    variants.set('passport-jwt + jwks-rsa', passportJwt(a, provider));
  }
  if (jose !== undefined) {
    const key = a.secret ?? jose.createLocalJWKSet({ keys: [a.jwk] });
    variants.set('jose', (token) => jose.jwtVerify(token, key, checks));
  }
  if (fastJwt !== undefined) {
    const { createVerifier } = fastJwt.default ?? fastJwt;
    const options = { key: a.secret ?? a.pem, algorithms: [a.alg], allowedIss: ISSUER, allowedAud: AUDIENCE };
    variants.set('fast-jwt', createVerifier({ ...options, cache: false }));
    variants.set('fast-jwt, cache hit', createVerifier({ ...options, cache: 10_000 }));
  }
  if (awsJwtVerify !== undefined && a.jwk !== undefined) {
    const verifier = awsJwtVerify.JwtVerifier.create({ issuer: ISSUER, audience: AUDIENCE, jwksUri: `${ISSUER}jwks` });
    verifier.cacheJwks({ keys: [a.jwk] });
    variants.set('aws-jwt-verify', (token) => verifier.verifySync(token));
  }
  return variants;
}

const isPromise = (value) => typeof value?.then === 'function';

async function isRight(name, verify, tokens) {
  const [token] = tokens;
  const at = token.length - 10;
  const tampered = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
  try {
    for (const good of tokens) await verify(good);
  } catch (error) {
    console.error(`${name} refuses good tokens (${error.message}): left out.`);
    return false;
  }
  try {
    await verify(tampered);
  } catch {
    return true;
  }
  console.error(`${name} accepts a token that was tampered with: left out.`);
  return false;
}

/** The time that this process has run, in microseconds: on a busy machine that is less than has passed. */
function stopwatch() {
  const started = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(started);
    return user + system;
  };
}

async function slice(verify, fresh) {
  let calls = 0;
  const asynchronous = isPromise(verify(fresh(0)));
  const ran = stopwatch();
  do {
    for (let index = 0; index < 64; index++) {
      const answer = verify(fresh(calls++));
      if (asynchronous) await answer;
    }
  } while (ran() < SLICE_MS * 1000);
  return ran() / calls;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

async function measure(alg) {
  const a = algorithm(alg);
  const tokens = tokensOf(a);
  const bytes = tokens.map((token) => Buffer.from(token, 'latin1'));
  const fresh = (index) => bytes[index % TOKENS].latin1Slice();
  const slices = new Map();
  const variants = variantsOf(a);
  for (const [name, verify] of variants) if (await isRight(name, verify, tokens)) slices.set(name, []);
  // The engine's own compiling is work of its own: the first rounds are for it.
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const [name, values] of slices) {
      const us = await slice(variants.get(name), fresh);
      if (round >= 0) values.push(us);
    }
  }
  return slices;
}

/** How a verdict is measured: the documented claim sets, as they come out of JSON.parse, one after the other. */
function verdicts(options) {
  const file = new URL('../test/m2m/examples.json', import.meta.url);
  const sets = JSON.parse(readFileSync(file, 'utf8'))
    .filter(({ kind }) => kind === 'm2m' || kind === 'human')
    .map(({ claims }) => claims);
  const detector = new M2MTokenDetector(options);
  return () => {
    const ran = stopwatch();
    let calls = 0;
    do {
      for (const claims of sets) detector.classify(claims);
      calls += sets.length;
    } while (ran() < SLICE_MS * 1000);
    return ran() / calls;
  };
}

function measureVerdict(options) {
  const slice = verdicts(options);
  const values = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const us = slice();
    if (round >= 0) values.push(us);
  }
  return median(values);
}

// First, while the engine knows nothing else.
const verdict = measureVerdict({});
const verdictByPreset = measureVerdict({ provider: 'keycloak' });

const algorithms = ['RS256', 'ES256', 'EdDSA', 'HS256'];
const results = new Map();
for (const alg of algorithms) results.set(alg, await measure(alg));

/** How many times dearer one variant is than another: in each round, since both met the same neighbours; then the median. */
function ratio(alg, above, below) {
  const [over, under] = [results.get(alg).get(above), results.get(alg).get(below)];
  return over === undefined || under === undefined ? Number.NaN : median(over.map((us, round) => us / under[round]));
}

const names = [...new Set([...results.values()].flatMap((result) => [...result.keys()]))];
const cell = (alg, name) => {
  const values = results.get(alg).get(name);
  if (values === undefined) return '-';
  const times = ratio(alg, name, YARDSTICK);
  return `${median(values).toFixed(1)} µs${Number.isNaN(times) ? '' : ` (${times.toFixed(2)})`}`;
};
console.log(`CPU time for one token, and its ratio to ${YARDSTICK} (node ${process.version})\n`);
console.log(`| | ${algorithms.join(' | ')} |`);
console.log(`|---|${algorithms.map(() => '---:').join('|')}|`);
for (const name of names) console.log(`| ${name} | ${algorithms.map((alg) => cell(alg, name)).join(' | ')} |`);

console.log(
  `\nA verdict: ${verdict.toFixed(2)} µs by the neutral rule, ${verdictByPreset.toFixed(2)} µs with a preset`,
);

const WITH_JWKS_RSA = 'passport-jwt + jwks-rsa';
const atMost = (limit) => [`at most ${limit}`, (value) => value <= limit];
const atLeast = (limit) => [`at least ${limit}`, (value) => value >= limit];
const bars = [
  ...['RS256', 'ES256'].flatMap((alg) => [
    [`${alg}: first sight of a token, in passport-jwt's`, ratio(alg, OURS, YARDSTICK), ...atMost(1.25)],
    [`${alg}: passport-jwt in cache hits`, ratio(alg, YARDSTICK, OURS_CACHED), ...atLeast(15)],
    [`${alg}: passport-jwt with jwks-rsa in cache hits`, ratio(alg, WITH_JWKS_RSA, OURS_CACHED), ...atLeast(80)],
  ]),
  ['a verdict, in µs', verdict, ...atMost(1)],
  ['a verdict with a preset, in µs', verdictByPreset, ...atMost(1)],
];
console.log('');
for (const [what, value, limit, holds] of bars) {
  const word = Number.isNaN(value) ? 'not measured' : holds(value) ? 'holds' : 'MISSED';
  console.log(`${word}: ${what}: ${value.toFixed(2)}, ${limit}`);
}

console.log('\nThe whole guard on Fastify, at least 0.75 of a bare application:');
const http = fileURLToPath(new URL('http.mjs', import.meta.url));
const load = ['--adapter', 'fastify', '--modes', 'bare,guard', '--seconds', argument('seconds', '3')];
process.exitCode = spawnSync(process.execPath, [http, ...load], { stdio: 'inherit' }).status ?? 1;
