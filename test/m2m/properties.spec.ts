// Real: the detector. Faked: the claims, by fast-check, from nothing and from the documented examples.
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { M2MTokenDetector } from '../../src/m2m/m2m-token-detector.js';
import { presetNames } from '../../src/m2m/presets/index.js';
import { neutralRules } from '../../src/m2m/rules.js';
import { examples, foundExamples, moreExamples } from './examples.js';

type Claims = Record<string, unknown>;

const detectors: readonly M2MTokenDetector[] = [
  new M2MTokenDetector(),
  ...presetNames().map((provider) => new M2MTokenDetector({ provider })),
];
const neutral = detectors[0]!;
const detector = fc.constantFrom(...detectors);

const documented = [...examples, ...moreExamples, ...foundExamples]
  .map(({ claims }) => claims)
  .filter((claims): claims is Claims => typeof claims === 'object' && claims !== null && !Array.isArray(claims));

const isClaims = (claims: unknown): claims is Claims => typeof claims === 'object' && claims !== null;
/** The documented people, and the machines that no rule of one provider alone could tell. */
const people = [...examples, ...moreExamples, ...foundExamples]
  .filter(({ kind }) => kind === 'human')
  .map(({ claims }) => claims)
  .filter(isClaims);
const machines = [...examples, ...moreExamples, ...foundExamples]
  .filter(({ kind }) => kind === 'm2m')
  .map(({ claims }) => ({ claims: claims as Claims }));
const WORKLOAD_CLAIMS = new Set([
  'repository',
  'pipeline_id',
  'pipeline_slug',
  'wf_id',
  'runId',
  'machine_id',
  'function_id',
]);

/** The claims that rules listen to, and some that mean something to JavaScript. */
const claimName = fc.constantFrom(
  ...new Set(neutralRules().flatMap(({ claims = [] }) => claims)),
  ...['scope', 'scp', 'scopes', 'act', 'iat', 'exp', 'jti', 'constructor', 'toString', 'hasOwnProperty', 'length'],
);
const claimText = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom(
    ...['app', 'user', 'client', 'id', 'access', 'client_credentials', 'client-credentials', 'spiffe://a/b', 'a@b.c'],
    ...['auth0|1', 'x@clients', 'openid', 'trrtcc:1', '', ' ', 'service-account-x', 'repo:a/b:ref:c', 'user_', 'mch_'],
  ),
);
const claimValue = fc.oneof({ weight: 4, arbitrary: claimText }, fc.array(claimText, { maxLength: 3 }), fc.anything());
const invented = fc.dictionary(claimName, claimValue, { maxKeys: 12 });
/** A documented set with some claims taken away and some put in: near the shapes that the rules know. */
const mutated = fc
  .tuple(
    fc.constantFrom(...documented),
    fc.dictionary(claimName, claimValue, { maxKeys: 3 }),
    fc.infiniteStream(fc.nat(4)),
  )
  .map(([claims, added, dice]): Claims => {
    const kept = Object.entries(claims).filter(() => dice.next().value !== 0);
    return { ...Object.fromEntries(kept), ...added };
  });
const anyClaims = fc.oneof(invented, mutated, fc.constantFrom(...documented));

describe('the detector', () => {
  it('never throws and always answers in one shape, whatever it is given', () => {
    fc.assert(
      fc.property(detector, fc.oneof(fc.anything({ withNullPrototype: true }), anyClaims), (tested, claims) => {
        const verdict = tested.classify(claims);
        expect(Object.keys(verdict)).toEqual([
          ...['kind', 'confidence', 'reasons', 'clientId', 'subject', 'scopes', 'actor', 'provider'],
        ]);
        expect(['m2m', 'human', 'unknown']).toContain(verdict.kind);
        expect(['stated', 'structural', 'weak']).toContain(verdict.confidence);
        expect(verdict.reasons.length).toBeGreaterThan(0);
        expect(verdict.reasons.every((reason) => /^[a-z0-9/-]+: .+/.test(reason))).toBe(true);
        expect(verdict.scopes.every((scope) => typeof scope === 'string' && scope.trim() !== '')).toBe(true);
        expect(new Set(verdict.scopes).size).toBe(verdict.scopes.length);
        expect(verdict.clientId === null || verdict.clientId.trim() !== '').toBe(true);
        const metadata = tested.getTokenMetadata(claims);
        expect(metadata.isM2M).toBe(tested.isM2MToken(claims));
        expect(metadata.isM2M && metadata.hasUserContext).toBe(false);
        expect(tested.requiresUserContext(claims)).toBe(verdict.kind !== 'm2m');
        expect(tested.getClientId(claims)).toBe(verdict.clientId);
        expect(tested.explain(claims)).toContain(verdict.reasons[0]);
      }),
      { numRuns: 1500 },
    );
  });

  it('does not change its mind when an actor is added, because `act` is somebody else (RFC 8693 section 4.1)', () => {
    const actor = fc.oneof(invented, fc.constantFrom(...documented), fc.anything());
    fc.assert(
      fc.property(detector, anyClaims, actor, (tested, claims, act) => {
        const { actor: _actor, ...verdict } = tested.classify({ ...claims, act });
        const { actor: _none, ...without } = tested.classify(leaving(claims, 'act'));
        expect(verdict).toEqual(without);
      }),
      { numRuns: 1500 },
    );
  });

  it('asks the same of the same claims in any order, because JSON objects have none', () => {
    fc.assert(
      fc.property(detector, anyClaims, fc.infiniteStream(fc.nat()), (tested, claims, dice) => {
        const shuffled = Object.fromEntries(
          Object.entries(claims)
            .map((entry) => [dice.next().value as number, entry] as const)
            .toSorted(([a], [b]) => a - b)
            .map(([, entry]) => entry),
        );
        expect(tested.classify(shuffled)).toEqual(tested.classify({ ...claims }));
      }),
      { numRuns: 700 },
    );
  });

  it('never calls a machine what has the nonce or the hashes of an ID token, with any preset', () => {
    const mark = fc.constantFrom('nonce', 'at_hash', 'c_hash');
    fc.assert(
      fc.property(detector, anyClaims, mark, fc.string({ minLength: 1 }), (tested, claims, name, value) => {
        expect(tested.classify({ ...claims, [name]: `n${value}` }).kind).not.toBe('m2m');
      }),
      { numRuns: 1500 },
    );
  });

  it('never calls a machine what has the session of a sign-in', () => {
    fc.assert(
      fc.property(anyClaims, fc.string({ minLength: 1 }), (claims, id) => {
        // The session that Keycloak opens for a client says so itself.
        const session = leaving(leaving(claims, 'clientHost'), 'clientAddress');
        expect(neutral.classify({ ...session, sid: `s${id}`, amr: ['pwd'], auth_time: 1767225600 }).kind).not.toBe(
          'm2m',
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('never calls a machine what says itself that it is a user, a refresh token or a logout token', () => {
    const mark = fc.constantFrom<Claims>(
      { idtyp: 'user' },
      { sub_type: 'user' },
      { token_use: 'refresh' },
      { token_use: 'id' },
      { typ: 'Refresh' },
      { typ: 'Logout' },
      { events: {} },
      { is_anonymous: true },
    );
    fc.assert(
      fc.property(detector, anyClaims, mark, (tested, claims, added) => {
        expect(tested.classify({ ...claims, ...added }).kind).not.toBe('m2m');
      }),
      { numRuns: 1500 },
    );
  });

  it('makes no machine of anything by a claim it has never heard of', () => {
    const name = fc.string({ minLength: 1, maxLength: 12 }).map((text) => `x-${text}`);
    fc.assert(
      fc.property(anyClaims, name, fc.anything(), (claims, added, value) => {
        const before = neutral.classify(claims).kind;
        const after = neutral.classify({ ...claims, [added]: value }).kind;
        if (before !== after) expect([before, after]).toEqual(['m2m', 'unknown']);
      }),
      { numRuns: 1000 },
    );
  });

  it("never makes a machine of a person's token by what machines' tokens carry besides the issuer's own word", () => {
    const word = new Set(
      neutralRules()
        .filter(({ says }) => says === 'machine')
        .flatMap(({ claims = [] }) => claims),
    );
    // The first claim of a workload's set counts only together with the others, so that it may be noise, too.
    const stated = (name: string): boolean => word.has(name) && !WORKLOAD_CLAIMS.has(name);
    const noise = fc.constantFrom(
      ...machines.flatMap(({ claims }) => Object.entries(claims)).filter(([name]) => !stated(name)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...people), fc.array(noise, { maxLength: 8 }), (claims, added) => {
        // A client of the person's own name would be the structure of a machine, and nobody could tell.
        fc.pre(!JSON.stringify(added).includes(JSON.stringify(claims['sub'])));
        expect(neutral.classify({ ...Object.fromEntries(added), ...claims }).kind).not.toBe('m2m');
      }),
      { numRuns: 3000 },
    );
  });

  it('makes no machine of two tokens in one, a person and a machine, when the person is named', () => {
    const named = people.filter(({ given_name: name, email }) => name !== undefined && email !== undefined);
    expect(named.length).toBeGreaterThan(10);
    fc.assert(
      fc.property(fc.constantFrom(...named), fc.constantFrom(...machines), (person, { claims }) => {
        expect(neutral.classify({ ...claims, ...person }).kind).not.toBe('m2m');
        expect(neutral.classify({ ...person, ...claims, given_name: person['given_name'] }).kind).not.toBe('m2m');
      }),
      { numRuns: 3000 },
    );
  });

  it('reads own properties only: a polluted prototype changes no verdict', () => {
    const pollution: Claims = {
      ...{ client_id: 'evil', azp: 'evil', sub: 'evil', gty: 'client-credentials', idtyp: 'app', sub_type: 'client' },
      ...{
        role: 'service_role',
        'kubernetes.io': { serviceaccount: {} },
        token_use: 'access',
        scope: 'admin',
        act: {},
      },
    };
    const before = documented.map((claims) => detectors.map((tested) => tested.classify(claims)));
    try {
      Object.assign(Object.prototype, pollution);
      const after = documented.map((claims) => detectors.map((tested) => tested.classify(claims)));
      expect(JSON.stringify(after)).toBe(JSON.stringify(before));
    } finally {
      for (const name of Object.keys(pollution)) delete (Object.prototype as Claims)[name];
    }
  });

  it('reads claims inherited from a class or another object as none, because nobody signed them', () => {
    for (const claims of documented) {
      expect(neutral.classify(Object.create(claims)).kind).toBe('unknown');
      class Payload {}
      expect(neutral.classify(Object.assign(new Payload(), claims)).kind).toBe('unknown');
    }
  });
});

function leaving(claims: Claims, name: string): Claims {
  const { [name]: _left, ...rest } = claims;
  return rest;
}
