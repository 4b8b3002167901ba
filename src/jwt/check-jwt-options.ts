import {
  isPlainObject,
  boolean,
  either,
  list,
  number,
  oneOf,
  shape,
  string,
  typeError,
  rangeError,
  type Check,
} from '../options/check.js';
import { OptionsError } from '../options/options-error.js';
import { ALGORITHMS, DEFAULT_ALGORITHMS } from './algorithms.js';
import { isSafeUrl } from './issuer-url.js';
import type { JwtAuthOptions, JwtIssuer } from './jwt.options.js';
import { keysCheck } from './key-refreshing.js';
import { readKeySet } from './key-table.js';

const strings: Check = (value, path) => {
  list(string)(value, path);
  if ((value as unknown[]).length === 0) throw rangeError(path, 'an array of at least one string', value);
};

const anObject: Check = (value, path) => {
  if (typeof value !== 'object' || value === null) throw typeError(path, 'an object', value);
};

const issuerShape = shape<JwtIssuer>({
  issuer: string,
  audience: (value, path) => {
    if (value !== null) either('a string, an array of strings, or null', string, strings)(value, path);
  },
  jwksUri: (value, path) => {
    if (!isSafeUrl(value)) throw typeError(path, 'an https URL, or http on this machine (localhost, 127.0.0.1)', value);
  },
  jwks: anObject,
  secret: (value, path) => {
    // Never shown, whatever it is.
    if (typeof value === 'string' || Buffer.isBuffer(value)) return;
    throw new OptionsError('ERR_AUTH_SERVICES_OPTION_TYPE', `${path} must be a string or a Buffer.`);
  },
  algorithms: strings,
  typ: strings,
  maxAgeSeconds: number({ above: 0 }),
  keys: keysCheck,
});

const optionsShape = shape<JwtAuthOptions>({
  issuers: (value, path) => {
    list(checkIssuer)(value, path);
    if ((value as unknown[]).length === 0) throw rangeError(path, 'an array of at least one issuer', value);
  },
  isGlobal: boolean,
  clockToleranceSeconds: number({ min: 0, max: 300 }),
  maxTokenBytes: number({ integer: true, min: 256, max: 1_048_576 }),
  cache: either(
    'false or an object',
    oneOf(false),
    shape<{ maxTokens?: number }>({ maxTokens: number({ integer: true, min: 1, max: 10_000_000 }) }),
  ),
  onUnavailable: oneOf(401, 503),
  now: (value, path) => {
    if (typeof value !== 'function') throw typeError(path, 'a function', value);
  },
});

/** Throws an {@link OptionsError} for options that would refuse every token, or accept one too many. */
export function checkJwtOptions(options: unknown): void {
  if (!isPlainObject(options)) throw typeError('The options of JwtAuthModule', 'an object', options);
  optionsShape(options, '');
  const { issuers } = options as unknown as JwtAuthOptions;
  if (issuers === undefined) {
    throw typeError('issuers', 'an array of at least one issuer', issuers, `Without one no token could be accepted.`);
  }
  const seen = new Set<string>();
  for (const [index, { issuer }] of issuers.entries()) {
    if (seen.has(issuer)) {
      throw invalid(
        `issuers[${index}].issuer ${JSON.stringify(issuer)} is there twice. One entry for each: the key set names several keys.`,
      );
    }
    seen.add(issuer);
  }
}

function checkIssuer(value: unknown, path: string): void {
  issuerShape(value, path);
  const options = value as JwtIssuer;
  if (options.issuer === undefined) throw typeError(`${path}.issuer`, 'the exact iss of its tokens', undefined);
  if (options.audience === undefined) {
    const fix = 'Without it a token meant for any other service is accepted: say null if you mean that.';
    throw typeError(`${path}.audience`, 'a string, an array of strings, or null', undefined, fix);
  }
  checkKeysOf(options, path);
  checkAlgorithms(options, path);
}

function checkKeysOf(options: JwtIssuer, path: string): void {
  const given = (['jwksUri', 'jwks', 'secret'] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1) throw invalid(`${path} has ${given.join(' and ')}: give one of them.`);
  const [source] = given;
  if (options.keys !== undefined && (source === 'jwks' || source === 'secret')) {
    throw invalid(
      `${path}.keys says when to fetch, but ${path}.${source} is given and nothing is fetched. Leave it out.`,
    );
  }
  if (source === 'jwks' && !readKeySet(options.jwks)?.size) {
    throw invalid(
      `${path}.jwks has no key to verify with. It is { keys: [...] } of public RSA (2048 bits and more), EC or OKP keys.`,
    );
  }
  if (source === undefined && (!isSafeUrl(options.issuer) || /[?#]/.test(options.issuer))) {
    const wanted = 'an https URL, or http on this machine, because its keys are discovered from it';
    throw typeError(`${path}.issuer`, wanted, options.issuer, 'Give jwksUri, jwks or secret if it is none.');
  }
}

function checkAlgorithms({ algorithms, secret }: JwtIssuer, path: string): void {
  const named = algorithms ?? (secret === undefined ? DEFAULT_ALGORITHMS : undefined);
  if (named === undefined) {
    throw invalid(`${path}.algorithms must be named for a secret: ['HS256'], ['HS384'] or ['HS512'].`);
  }
  for (const alg of named) {
    const needs = ALGORITHMS[alg];
    if (needs === undefined) {
      throw rangeError(`${path}.algorithms`, `names of ${Object.keys(ALGORITHMS).join(', ')}`, alg);
    }
    const symmetric = needs.kty === 'oct';
    if (symmetric !== (secret !== undefined)) {
      // With both, a public key would be taken for a secret that everybody knows.
      const fix = symmetric ? `${alg} needs a secret and no key set` : `${alg} needs a key set and no secret`;
      throw invalid(`${path}.algorithms has ${alg}: ${fix}.`);
    }
    if (secret !== undefined) checkSecret(secret, needs.minSecretBytes ?? 0, alg, path);
  }
}

function checkSecret(secret: string | Buffer, minBytes: number, alg: string, path: string): void {
  const bytes = Buffer.byteLength(secret);
  if (bytes < minBytes) {
    throw invalid(
      `${path}.secret must be at least ${minBytes} bytes long for ${alg} (RFC 7518 section 3.2), got ${bytes}. ` +
        `Make one with: openssl rand -base64 ${minBytes}`,
    );
  }
}

function invalid(message: string): OptionsError {
  return new OptionsError('ERR_AUTH_SERVICES_OPTION_RANGE', message);
}
