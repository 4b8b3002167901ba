// Under test: TopDenied against a plain Map, and what identityLabeller lets be seen.
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { identityLabeller } from '../../src/metrics/identity-label.js';
import { TopDenied } from '../../src/metrics/top-denied.js';
import { random } from './samples.js';

const plain = (): TopDenied => new TopDenied((identity) => identity);

describe('TopDenied', () => {
  it('is exact while there are no more than 256 identities', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 2000 }), (ids) => {
        const top = plain();
        const truth = new Map<string, number>();
        for (const id of ids) {
          top.add(`user:${id}`);
          truth.set(`user:${id}`, (truth.get(`user:${id}`) ?? 0) + 1);
        }
        const counts = [...truth.values()].toSorted((a, b) => b - a).slice(0, 10);
        const shown = top.top(10);
        expect(shown.map(({ count }) => count)).toEqual(counts);
        for (const { identity, count } of shown) expect(truth.get(identity)).toBe(count);
      }),
    );
  });

  it('finds the ten most denied of a million identities, and never says more than there were', () => {
    const next = random(5);
    const top = plain();
    const truth = new Map<string, number>();
    for (let index = 0; index < 300_000; index++) {
      // Zipf with an exponent near 1.1, by inversion of a Pareto.
      const identity = `user:${Math.min(1_000_000, Math.floor((1 - next()) ** -10))}`;
      top.add(identity);
      truth.set(identity, (truth.get(identity) ?? 0) + 1);
    }
    const expected = [...truth]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, 10)
      .map(([identity]) => identity);
    const shown = top.top(10);
    expect(shown.map(({ identity }) => identity).toSorted()).toEqual(expected.toSorted());
    for (const { identity, count } of shown) expect(count).toBeLessThanOrEqual(truth.get(identity)!);
  });

  it('still finds who is denied often among hundreds of thousands who are denied once', () => {
    const top = plain();
    for (let index = 0; index < 200_000; index++) {
      top.add(`ip:10.${index}`);
      if (index % 50 === 0) top.add('user:mallory');
    }
    expect(top.top(1)[0]!.identity).toBe('user:mallory');
    expect(top.top(1)[0]!.count).toBeLessThanOrEqual(4000);
    expect(top.top(1)[0]!.count).toBeGreaterThan(3900);
  });

  it('takes endless, malformed and impossible identities, one row for each that differs', () => {
    const top = plain();
    const odd = ['user:\ud800', `user:${'x'.repeat(1_000_000)}`, '', undefined as unknown as string, {} as string];
    for (const identity of [...odd, ...odd]) top.add(identity);
    expect(top.top(10).map(({ count }) => count)).toEqual([4, 2, 2, 2]);
    for (const { identity } of top.top(10)) expect(identity.length).toBeLessThanOrEqual(120);
  });

  it('begins again after a reset, also when the table was full', () => {
    const top = plain();
    for (let index = 0; index < 1000; index++) top.add(`user:${index}`);
    top.reset();
    expect(top.top(10)).toEqual([]);
    top.add('user:1');
    expect(top.top(10)).toEqual([{ identity: 'user:1', count: 1 }]);
  });
});

describe('identityLabeller', () => {
  const secrets = [
    ['user', 'alice@example.com'],
    ['user', '42'],
    ['user', '6f1c2a9e-4a4e-4c4b-9d55-0b2f5b7f3f10'],
    ['client', 'service-account-123'],
    ['ip', '203.0.113.77'],
    ['ip', '2001:db8:85a3:8d3::'],
    ['ip', '::1'],
    ['ip', 'not an address'],
    ['key', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'],
    ['key', '7'],
  ] as const;

  it.each(secrets)(
    'masked shows the kind of %s:%s and neither the id, the address, the token nor half of it',
    (kind, id) => {
      const label = identityLabeller('masked')(`${kind}:${id}`);
      expect(label).toMatch(new RegExp(`^${kind}:.*\\*#[0-9a-f]{4}$`));
      const shown = label.slice(kind.length + 1, -5);
      expect(shown).not.toContain(id);
      const most = { user: 2, client: 2, ip: 9, key: 0 }[kind];
      expect(shown.replaceAll('*', '').length).toBeLessThanOrEqual(most);
    },
  );

  it('masked takes an identity without a known kind for a key, of which nothing is shown', () => {
    for (const identity of ['sk_live_abcdefghijkl', 'tenant:acme-corporation', '']) {
      expect(identityLabeller('masked')(identity)).toMatch(/^key:\*\*\*#[0-9a-f]{4}$/);
    }
  });

  it('tells identities apart that look the same when masked', () => {
    const label = identityLabeller('masked');
    expect(label('user:alexander-one')).not.toBe(label('user:alexander-two'));
    expect(label('user:alexander-one')).toBe(label('user:alexander-one'));
  });

  it('hashed is the same for one identity in one process, and of no use in another', () => {
    const [one, other] = [identityLabeller('hashed'), identityLabeller('hashed')];
    expect(one('user:42')).toMatch(/^user:[0-9a-f]{16}$/);
    expect(one('user:42')).toBe(one('user:42'));
    expect(one('user:42')).not.toBe(other('user:42'));
  });

  it('plain is what it was', () => {
    expect(identityLabeller('plain')('ip:203.0.113.77')).toBe('ip:203.0.113.77');
  });
});
