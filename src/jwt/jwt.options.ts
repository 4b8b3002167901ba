import type { JwtKeysOptions } from './key-refreshing.js';

/** One issuer whose tokens are accepted. */
export interface JwtIssuer {
  /** The exact `iss` of its tokens; a slash at the end counts. Also where its keys are discovered, unless given below. */
  issuer: string;
  /**
   * Whom a token must be meant for: one of these must be in its `aud`, exactly. Where a token has no `aud`, its `client_id`
   * counts (Amazon Cognito). `null` accepts every token of the issuer, also those meant for somebody else: say so on
   * purpose. Leaving it out is refused at start.
   */
  audience: string | readonly string[] | null;
  /** Where the key set is, if not where the issuer's metadata says. https, or http on this machine. */
  jwksUri?: string | undefined;
  /** The key set itself, `{ keys: [...] }`: nothing is fetched. */
  jwks?: object | undefined;
  /** The secret of an issuer that signs with HS256, HS384 or HS512; at least as long as the hash: 32, 48 or 64 bytes. */
  secret?: string | Buffer | undefined;
  /**
   * The algorithms accepted, whatever a token says. RS, PS and ES with 256, 384 or 512, EdDSA and Ed25519 for key sets; HS256,
   * HS384, HS512 for a secret, where they have to be named. @default ['RS256', 'PS256', 'ES256', 'EdDSA']
   */
  algorithms?: readonly string[] | undefined;
  /**
   * The `typ` headers accepted, without regard to case; `application/` in front does not count. A token without `typ` is
   * then refused. Default: none, `JWT`, `at+jwt` and `JOSE`. `['at+jwt']` accepts RFC 9068 access tokens only.
   */
  typ?: readonly string[] | undefined;
  /** Refuses tokens issued longer ago, in seconds, whatever their `exp`; a token without `iat` too. Above 0. Default: not checked. */
  maxAgeSeconds?: number | undefined;
  /** When a fetched key set is fetched again. */
  keys?: JwtKeysOptions | undefined;
}

/** Which tokens the application accepts. */
export interface JwtAuthOptions {
  /** At least one; the issuer of a token is chosen by its exact `iss`. */
  issuers: readonly JwtIssuer[];
  /** `JwtAuthGuard` on every route; `@AllowAnonymous()` opts out. Stands beside the factory of `forRootAsync`. @default false */
  isGlobal?: boolean | undefined;
  /** How many seconds the issuers' clocks may be off: widens `exp`, `nbf`, `iat` and `maxAgeSeconds`. 0 to 300. @default 0 */
  clockToleranceSeconds?: number | undefined;
  /** Longer tokens are refused before anything is decoded. 256 to 1048576. @default 16384 */
  maxTokenBytes?: number | undefined;
  /** Verified tokens that are remembered, so that the same token costs a look instead of a signature. `false`: none. */
  cache?: false | { maxTokens?: number | undefined } | undefined;
  /** The status when no key can be had. A 503 tells clients to come again, a 401 to get another token. @default 503 */
  onUnavailable?: 401 | 503 | undefined;
  /** Epoch milliseconds, for tests. Default: the wall clock for claims, and one that never jumps for keys. */
  now?: (() => number) | undefined;
}

export const DEFAULT_MAX_TOKEN_BYTES = 16_384;
export const DEFAULT_MAX_CACHED_TOKENS = 10_000;
