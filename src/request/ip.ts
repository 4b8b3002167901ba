import { isIP } from 'node:net';

/** An IPv4 address that arrives mapped into IPv6 (`::ffff:127.0.0.1`, RFC 4291 section 2.5.5.2) is unwrapped; anything else is as given. */
export function normalizeIp(ip: string): string {
  if (!ip.includes(':')) return ip;
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(ip)?.[1];
  if (mapped !== undefined && isIP(mapped) === 4) return mapped;
  const hex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(ip);
  if (hex === null) return ip;
  const high = Number.parseInt(hex[1]!, 16);
  const low = Number.parseInt(hex[2]!, 16);
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/**
 * What is counted of an address: IPv4 whole, IPv6 its network of `prefixLength` bits, because one subscriber holds a
 * whole network of them (RFC 6177): of 64 bits, `2001:db8:1:2:3:4:5:6` is `2001:db8:1:2::/64`. Text that is no address is
 * returned as it is.
 */
export function ipNetwork(ip: string, prefixLength: number): string {
  const address = normalizeIp(ip);
  if (!address.includes(':')) return address;
  const groups = ipv6Groups(address);
  if (groups === undefined) return address;
  for (let index = 0; index < 8; index++) {
    const bits = Math.min(16, Math.max(0, prefixLength - index * 16));
    groups[index]! &= (0xffff << (16 - bits)) & 0xffff;
  }
  let end = 8;
  while (end > 0 && groups[end - 1] === 0) end--;
  const head = groups.slice(0, end).map((group) => group.toString(16));
  return `${head.join(':')}${end < 8 ? '::' : ''}/${prefixLength}`;
}

/** The eight groups of an IPv6 address, its zone (`%eth0`) left out; `undefined` if it is none. */
function ipv6Groups(address: string): number[] | undefined {
  const zone = address.indexOf('%');
  const bare = zone < 0 ? address : address.slice(0, zone);
  if (isIP(bare) !== 6) return undefined;
  const [left = '', right] = bare.split('::');
  const head = groupsOf(left);
  if (right === undefined) return head;
  const tail = groupsOf(right);
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}
