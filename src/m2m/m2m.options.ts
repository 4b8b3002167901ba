import {
  callable,
  either,
  isPlainObject,
  list,
  nearest,
  oneOf,
  shape,
  shown,
  string,
  typeError,
  unknownKey,
  type Check,
} from '../options/check.js';
import { OptionsError } from '../options/options-error.js';
import type { JwtClaims } from '../request/claims.js';
import { presetNames } from './presets/index.js';
import type { TokenKind, TokenVerdict } from './token-verdict.js';

/**
 * The name of a preset: what is known of one provider's tokens. An unknown name is refused at start, with the nearest
 * one that exists; docs/06-m2m-presets.md has the list.
 */
export type M2MProvider =
  | 'cognito'
  | 'auth0'
  | 'okta'
  | 'entra'
  | 'azure-b2c'
  | 'keycloak'
  | 'google'
  | 'firebase'
  | 'ping'
  | 'hydra'
  | 'duende'
  | 'spring'
  | 'zitadel'
  | 'fusionauth'
  | 'supabase'
  | 'clerk'
  | 'workos'
  | 'logto'
  | 'kubernetes'
  | 'spiffe'
  | 'github-actions'
  | 'gitlab'
  | 'rfc9068'
  | (string & {});

/** A condition on one claim. Values are compared exactly; an array matches if one of its items does. */
export type ClaimRule = { readonly claim: string } & (
  | { readonly equals: string | number | boolean }
  | { readonly startsWith: string }
  | { readonly endsWith: string }
  | { readonly exists: boolean }
);

/**
 * What you know of an issuer that no preset knows. Your own conditions come before the preset's; where a machine's
 * and a person's both hold, the verdict is "unknown".
 *
 * @example
 * ```ts
 * const profile: M2MProfile = {
 *   extends: 'duende',
 *   m2mWhen: [{ claim: 'client_role', equals: 'batch' }],
 *   serviceAccounts: ['legacy-importer'],
 * };
 * ```
 */
export interface M2MProfile {
  /** The preset to start from. Without one, what your conditions leave open is judged by the neutral rule. */
  extends?: M2MProvider | undefined;
  /** Where the client is, first match first. Default: the preset's, else `client_id`, `azp`, `appid`, `cid`, `clientId`. */
  clientIdClaims?: readonly string[] | undefined;
  /** Any of these makes a machine. */
  m2mWhen?: readonly ClaimRule[] | undefined;
  /** Any of these makes a person. */
  humanWhen?: readonly ClaimRule[] | undefined;
  /** Subjects (`sub`) that are machines, whatever else their tokens say: service users that look like people. */
  serviceAccounts?: readonly string[] | undefined;
}

/**
 * How machines are told from people.
 *
 * @example
 * ```ts
 * AuthServicesModule.forRoot({
 *   m2m: {
 *     issuers: {
 *       'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc': 'cognito',
 *       'https://sso.example.com/realms/acme': { extends: 'keycloak', serviceAccounts: ['5f0c…'] },
 *     },
 *   },
 * });
 * ```
 */
export interface M2MOptions {
  /** For every token whose issuer is not in `issuers`. Without one the neutral rule decides. */
  provider?: M2MProvider | M2MProfile | undefined;
  /** By the exact value of `iss`, the trailing slash included. */
  issuers?: Readonly<Record<string, M2MProvider | M2MProfile>> | undefined;
  /**
   * The last word, asked for every set of claims that is one. `undefined` leaves the verdict as it is. It must answer
   * at once; an error in it, or an answer that is no kind, means "unknown".
   */
  decide?: ((claims: JwtClaims, verdict: TokenVerdict) => TokenKind | undefined) | undefined;
  /** What `@HumanOnly()` does with a caller of unknown kind. `@M2MOnly()` always refuses one. @default 'deny' */
  unknown?: 'deny' | 'allow' | undefined;
}

const checkProviderName: Check = (value, path) => {
  const names = presetNames();
  if (typeof value !== 'string') throw typeError(path, 'the name of a preset or a profile', value);
  if (names.includes(value)) return;
  const near = nearest(value, names);
  const fix = near === undefined ? `Known: ${names.join(', ')}.` : `Did you mean ${JSON.stringify(near)}?`;
  throw new OptionsError(
    'ERR_AUTH_SERVICES_M2M_PROVIDER',
    `${path} is not a known provider, got ${shown(value)}. ${fix}`,
  );
};

const CONDITIONS = ['equals', 'startsWith', 'endsWith', 'exists'] as const;

const checkRule: Check = (value, path) => {
  if (!isPlainObject(value)) throw typeError(path, 'a claim rule, such as { claim, equals }', value);
  for (const key of Object.keys(value)) {
    if (key !== 'claim' && !CONDITIONS.includes(key as 'equals')) throw unknownKey(path, key, ['claim', ...CONDITIONS]);
  }
  string(value['claim'], `${path}.claim`);
  const given = CONDITIONS.filter((condition) => value[condition] !== undefined);
  if (given.length !== 1)
    throw typeError(
      path,
      `a claim rule with exactly one of ${CONDITIONS.join(', ')}`,
      value,
      `It has ${given.length}.`,
    );
  const condition = given[0]!;
  const checked = value[condition];
  if (condition === 'exists') oneOf(true, false)(checked, `${path}.exists`);
  else if (condition !== 'equals') string(checked, `${path}.${condition}`);
  else if (!['string', 'number', 'boolean'].includes(typeof checked))
    throw typeError(`${path}.equals`, 'a string, number or boolean', checked);
};

/** A list that is there must say something: an empty one is a configuration that lost its values. */
const filled =
  (check: Check): Check =>
  (value, path) => {
    list(check)(value, path);
    if ((value as readonly unknown[]).length === 0)
      throw typeError(path, 'an array that is not empty', value, 'Leave it out.');
  };

const checkProfile = shape<M2MProfile>({
  extends: checkProviderName,
  clientIdClaims: filled(string),
  m2mWhen: list(checkRule),
  humanWhen: list(checkRule),
  serviceAccounts: list(string),
});

const checkProviderOrProfile: Check = (value, path) => {
  if (isPlainObject(value)) checkProfile(value, path);
  else checkProviderName(value, path);
};

const checkIssuers: Check = (value, path) => {
  if (!isPlainObject(value)) throw typeError(path, 'an object of issuers', value);
  for (const issuer of Object.keys(value)) {
    if (issuer.trim() === '') throw typeError(`${path} key`, 'an issuer', issuer);
    checkProviderOrProfile(value[issuer], `${path}[${JSON.stringify(issuer)}]`);
  }
};

/** Throws an {@link OptionsError} that names the path, the value and the fix. */
export const checkM2MOptions: Check = shape<M2MOptions>({
  provider: either('the name of a preset or a profile', checkProviderOrProfile),
  issuers: checkIssuers,
  decide: callable,
  unknown: oneOf('deny', 'allow'),
});
