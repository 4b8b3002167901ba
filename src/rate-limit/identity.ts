import { createHash } from 'node:crypto';
import { OptionsError } from '../options/options-error.js';
import type { RateLimitIdentity } from './rate-limit.policy.js';

export type IdentityKind = 'user' | 'client' | 'ip' | 'key';

/** What is counted when not even an address is known: one bucket for all of them. */
export const UNKNOWN_IP = 'ip:unknown';

const MAX_LENGTH = 256;
/** Control characters and line separators, and surrogates, of which a lone one would not survive UTF-8. */
// oxlint-disable-next-line no-control-regex -- they are what it looks for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;

/**
 * The identity as one line of text: its kind, a colon, the value. Kinds hold no colon, so no two identities share a
 * text. A value that is long, or that a log line or a terminal would stumble over, is hashed: bounded, and told
 * apart from every plain one by `~` in the colon's place.
 */
export function identityText(kind: IdentityKind, value: string): string {
  const text = `${kind}:${value}`;
  if (value.length <= MAX_LENGTH && isSafe(text)) return text;
  return `${kind}~${createHash('sha256').update(Buffer.from(value, 'utf16le')).digest('base64url')}`;
}

/** Of printable ASCII nearly all are, and it is seen in half the time that the expression takes. */
function isSafe(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e) return !UNSAFE.test(text);
  }
  return true;
}

/** The text of an identity as an application hands it over; addresses are counted as `countedIp` says. */
export function textOf(identity: RateLimitIdentity, countedIp: (ip: string) => string): string {
  if (typeof identity === 'string') return identityText('key', identity);
  const found = identity as { user?: unknown; client?: unknown; ip?: unknown } | null | undefined;
  if (typeof found === 'object' && found !== null) {
    const { user, client, ip } = found;
    const given = [user, client, ip].filter((value) => value !== undefined);
    if (given.length === 1) {
      const value = typeof given[0] === 'number' || typeof given[0] === 'bigint' ? String(given[0]) : given[0];
      if (typeof value === 'string') {
        if (user !== undefined) return identityText('user', value);
        if (client !== undefined) return identityText('client', value);
        return identityText('ip', countedIp(value));
      }
    }
  }
  // Counting everybody who is `undefined` together, or nobody, would both be wrong and silent.
  throw new OptionsError(
    'ERR_AUTH_SERVICES_IDENTITY',
    'identity must be a string, { user }, { client } or { ip } with a string in it. Is the caller anonymous here?',
  );
}

/** Whether an application means a machine: a client is asked with the figures of the policy's `m2m` part. */
export function isClient(identity: RateLimitIdentity): boolean {
  return typeof identity === 'object' && identity !== null && 'client' in identity && identity.client !== undefined;
}
