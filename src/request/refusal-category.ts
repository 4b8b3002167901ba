/**
 * Why a token was refused. Goes to audit and metrics only: every one of them looks the same to the caller, so that nobody
 * can feel their way towards a token that passes.
 *
 * - `missing`: no bearer token; no failed validation
 * - `malformed`: not three parts of strict base64url holding JSON objects without duplicate keys, or two tokens at once
 * - `unsupported`: the header asks for an extension (`crit`, `b64`) that nobody here has
 * - `algorithm`: the header's `alg` is not one that the issuer is trusted with
 * - `key`: the issuer has no key of this `kid` for this `alg`
 * - `invalid_signature`: the key did not make this signature
 * - `expired_token`, `not_active`: past `exp` or `maxAgeSeconds`; before `nbf`, or issued in the future
 * - `issuer`, `audience`, `type`: the exact `iss`, `aud` and `typ` are not among those configured
 * - `claims`: a claim is absent or has a value no issuer may give it
 * - `too_large`: longer than `maxTokenBytes`, refused before anything is decoded
 * - `keys_unavailable`: the issuer's keys cannot be had, so nothing can be said about the token
 */
export type RefusalCategory = (typeof REFUSAL_CATEGORIES)[number];

export const REFUSAL_CATEGORIES = [
  'missing',
  'malformed',
  'unsupported',
  'algorithm',
  'key',
  'invalid_signature',
  'expired_token',
  'not_active',
  'issuer',
  'audience',
  'type',
  'claims',
  'too_large',
  'keys_unavailable',
] as const;
