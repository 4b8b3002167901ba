// Real: everything. The oracle for networks is node:net's BlockList, which was written by somebody else.
import { BlockList } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ipNetwork, normalizeIp } from '../../src/request/ip.js';

describe('addresses', () => {
  it.each([
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:10.0.0.7', '10.0.0.7'],
    ['::ffff:7f00:1', '127.0.0.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:999.1.1.1', '::ffff:999.1.1.1'],
  ])('unwraps an IPv4 address mapped into IPv6 and leaves others as given: %s', (given, expected) => {
    expect(normalizeIp(given)).toBe(expected);
  });

  it.each([
    ['2001:db8:1:2:3:4:5:6', 64, '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::', 64, '2001:db8:1:2::/64'],
    ['2001:db8::', 64, '2001:db8::/64'],
    ['::1', 64, '::/64'],
    ['fe80::1%eth0', 64, 'fe80::/64'],
    ['2001:db8:1:2:3:4:5:6', 56, '2001:db8:1::/56'],
    ['2001:db8:1:2:3:4:5:6', 128, '2001:db8:1:2:3:4:5:6/128'],
    ['::ffff:192.0.2.7', 64, '192.0.2.7'],
    ['not an address', 64, 'not an address'],
    ['a:b', 64, 'a:b'],
  ])('counts IPv6 by its network, because a subscriber holds a whole one: %s /%d', (given, bits, expected) => {
    expect(ipNetwork(given, bits)).toBe(expected);
  });

  const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
  const address = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'));

  it('puts two addresses into one network exactly when their first bits agree, as BlockList sees it', () => {
    fc.assert(
      fc.property(
        address,
        address,
        fc.integer({ min: 1, max: 128 }),
        fc.integer({ min: 0, max: 8 }),
        (a, b, bits, same) => {
          const other = [...a.split(':').slice(0, same), ...b.split(':').slice(same)].join(':');
          const network = new BlockList();
          network.addSubnet(a, bits, 'ipv6');
          // A mapped IPv4 address is counted as IPv4, on purpose.
          fc.pre(!a.startsWith('0:0:0:0:0:ffff') && !other.startsWith('0:0:0:0:0:ffff'));
          expect(ipNetwork(a, bits) === ipNetwork(other, bits)).toBe(network.check(other, 'ipv6'));
        },
      ),
    );
  });
});
