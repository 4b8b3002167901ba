import { createHmac } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';

const MAX_KNOWN = 4096;

/**
 * Stands in for a person: HMAC-SHA-256 under a key, cut to 128 bits. The same value under the same key has the same
 * pseudonym, so that a trail can still be followed; without the key nobody can go back, not even by trying every value.
 */
export class Pseudonyms {
  private known = new Map<string, string>();

  constructor(private readonly key: string | Buffer) {}

  /** `kind` keeps an address and a user of the same text apart. */
  of(kind: 'id' | 'ip', value: string): string {
    const input = `${kind}\n${value}`;
    const known = this.known.get(input);
    if (known !== undefined) return known;
    const pseudonym = `hmac:${createHmac('sha256', this.key).update(input).digest('base64url').slice(0, 22)}`;
    // Started afresh when full: cheaper than an order of use, and bounded whoever calls.
    if (this.known.size >= MAX_KNOWN) this.known = new Map();
    this.known.set(input, pseudonym);
    return pseudonym;
  }
}

/** The network of an address: the first 24 bits of IPv4, the first 48 of IPv6, as `192.0.2.0` and `2001:db8:1::`. */
export function truncateAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address.split('%')[0]!;
  if (isIPv4(plain)) return `${plain.slice(0, plain.lastIndexOf('.'))}.0`;
  // What is no address is not kept: it would be whatever the caller wrote.
  if (!isIPv6(plain)) return '[not an address]';
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - before.length - after.length - (plain.includes('.') ? 1 : 0);
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  const network = groups.slice(0, 3).map((group) => (Number.parseInt(group, 16) || 0).toString(16));
  return network.every((group) => group === '0') ? '::' : `${network.join(':')}::`;
}
