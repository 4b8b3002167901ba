import { createHmac, randomBytes } from 'node:crypto';
import type { IdentityDisplay } from './metrics.options.js';

const KINDS = new Set(['user', 'client', 'ip', 'key']);

/**
 * Turns an identity (`user:…`, `client:…`, `ip:…`, `key:…`) into what may be shown of it.
 *
 * Hashes are keyed with random bytes that live as long as the function: without a key the hash of an address or a
 * number is undone by trying them all.
 */
export function identityLabeller(display: Exclude<IdentityDisplay, false>): (identity: string) => string {
  if (display === 'plain') return (identity) => identity;
  const key = randomBytes(32);
  const digest = (identity: string): string => createHmac('sha256', key).update(identity).digest('hex');
  return (identity) => {
    const [kind, id] = split(identity);
    if (display === 'hashed') return `${kind}:${digest(identity).slice(0, 16)}`;
    // Sixteen bits of the hash tell two rows apart that look the same, and nothing else.
    return `${kind}:${masked(kind, id)}#${digest(identity).slice(0, 4)}`;
  };
}

function split(identity: string): [kind: string, id: string] {
  const end = identity.indexOf(':');
  const kind = identity.slice(0, Math.max(end, 0));
  return KINDS.has(kind) ? [kind, identity.slice(end + 1)] : ['key', identity];
}

/**
 * A network of an address, two characters of an id that has at least ten, and nothing of a key: that may be a token.
 */
function masked(kind: string, id: string): string {
  if (kind === 'ip') return maskedAddress(id);
  const mayShow = kind !== 'key' && id.length >= 10 && /^[a-z0-9]{2}/i.test(id);
  return mayShow ? `${id.slice(0, 2)}***` : '***';
}

/** The first half of an IPv4 address, the first 32 bits (the provider, as a rule) of an IPv6 one. */
function maskedAddress(address: string): string {
  const ipv4 = /^(\d{1,3}\.\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(address);
  if (ipv4 !== null) return `${ipv4[1]}.*.*`;
  const ipv6 = /^([0-9a-f]{1,4}:[0-9a-f]{1,4}):[0-9a-f:]*/i.exec(address);
  return ipv6 === null ? '***' : `${ipv6[1]}:***`;
}
