// Real: Callers and Nest's ExecutionContextHost. Faked: the classifier (a stub that reads `kind` off the claims), so that
// this spec is about finding the principal and the claims, not about verdicts.
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { describe, expect, it } from '@jest/globals';
import { Callers } from '../../src/request/callers.js';
import type { IdentityOptions } from '../../src/request/caller.js';
import type { ClaimsVerdict } from '../../src/request/claims.js';

const classifier = {
  asked: 0,
  classify(claims: unknown): ClaimsVerdict {
    this.asked++;
    const {
      kind,
      client_id: clientId,
      sub,
    } = claims as { kind?: ClaimsVerdict['kind']; client_id?: string; sub?: string };
    return { kind: kind ?? 'unknown', clientId: clientId ?? null, subject: sub ?? null };
  },
};

const contextOf = (type: string, ...args: unknown[]): ExecutionContextHost => {
  const context = new ExecutionContextHost(args);
  context.setType(type);
  return context;
};
const callerOf = (request: object, options: IdentityOptions = {}, report?: (hook: string, error: unknown) => void) =>
  new Callers(options, classifier, report).of(contextOf('http', { headers: {}, ...request }, {}));

describe('who is calling', () => {
  it.each([
    ['request.user', { user: { id: 7, claims: { kind: 'human', sub: 'a' } } }],
    ['request.auth', { auth: { id: 7, claims: { kind: 'human', sub: 'a' } } }],
    ['principal.payload', { user: { userId: 7, payload: { kind: 'human', sub: 'a' } } }],
  ])('is found in %s', (_where, request) => {
    expect(callerOf(request)).toMatchObject({ kind: 'human', subject: 'a', userId: '7', transport: 'http' });
  });

  it('is the principal itself where a strategy returns the payload', () => {
    expect(callerOf({ user: { sub: 'alice', kind: 'human' } })).toMatchObject({
      kind: 'human',
      userId: 'alice',
      claims: { sub: 'alice' },
    });
  });

  it.each([undefined, null, false, ''])('is nobody where authentication is optional and left %p', (user) => {
    const caller = callerOf({ user, ip: '::ffff:10.0.0.1' });
    expect(caller).toMatchObject({ kind: 'anonymous', ip: '10.0.0.1' });
    expect(caller.principal).toBeUndefined();
    expect(caller.userId).toBeUndefined();
  });

  it('has no user id if it is a machine, so that nobody mistakes a service for a person', () => {
    const caller = callerOf({ user: { id: 'svc', claims: { kind: 'm2m', sub: 'svc', client_id: 'svc' } } });
    expect(caller).toMatchObject({ kind: 'm2m', clientId: 'svc', subject: 'svc' });
    expect(caller.userId).toBeUndefined();
  });

  it('cannot be told where the claims are gone, unless the principal says so itself', () => {
    expect(callerOf({ user: { userId: 5 } })).toMatchObject({ kind: 'unknown', userId: '5' });
    expect(callerOf({ user: { id: 'k1', isM2M: true, clientId: 'c' } })).toMatchObject({ kind: 'm2m', clientId: 'c' });
    expect(callerOf({ user: { id: 'k1', isM2M: false } })).toMatchObject({ kind: 'human', userId: 'k1' });
    expect(callerOf({ user: { id: 'k1', isM2M: 'false' } })).toMatchObject({ kind: 'unknown' });
  });

  it('stays unknown where the claims do not tell, whatever the principal says beside them: a false "person" would pass @HumanOnly', () => {
    const claims = { sub: 'f2a61c0e' };
    expect(callerOf({ user: { id: 'f2a61c0e', isM2M: false, kind: 'unknown', claims } }).kind).toBe('unknown');
    expect(callerOf({ user: { id: 'f2a61c0e', isM2M: true, claims } }).kind).toBe('unknown');
  });

  it('is not told by a claim named isM2M in a payload that is the principal: anybody may issue such a claim', () => {
    expect(callerOf({ user: { sub: 'a', isM2M: true } }).kind).toBe('unknown');
  });

  it('is never found on Object.prototype', () => {
    const hostile = JSON.parse('{"__proto__": {"claims": {"kind": "human"}, "id": "x"}}') as object;
    expect(callerOf({ user: hostile })).toMatchObject({ kind: 'unknown', userId: undefined, claims: undefined });
    expect(callerOf({ user: { id: {}, claims: [] } })).toMatchObject({ kind: 'unknown', userId: undefined });
  });

  it('is asked of the application’s own hooks first', () => {
    const request = { session: { who: { nr: 9, card: { kind: 'human' } } }, address: '192.0.2.1' };
    const options: IdentityOptions = {
      getPrincipal: (r) => r.session.who,
      getClaims: (principal) => principal.card,
      getUserId: (principal) => `nr-${principal.nr}`,
      getClientId: () => 'desk',
      getIp: (r) => r.address,
    };
    expect(callerOf(request, options)).toMatchObject({
      kind: 'human',
      userId: 'nr-9',
      clientId: 'desk',
      ip: '192.0.2.1',
    });
    expect(callerOf(request, { ...options, getKind: () => 'm2m' })).toMatchObject({ kind: 'm2m', userId: undefined });
  });

  it('is found without a hook that throws, and the mistake is told once', () => {
    const told: string[] = [];
    const callers = new Callers(
      {
        getUserId: () => {
          throw new Error('broken');
        },
      },
      classifier,
      (hook) => void told.push(hook),
    );
    for (let call = 0; call < 3; call++) {
      const caller = callers.of(contextOf('http', { user: { claims: { kind: 'human', sub: 'a' } } }, {}));
      expect(caller).toMatchObject({ kind: 'human', subject: 'a', userId: undefined });
    }
    expect(told).toEqual(['getUserId']);
  });

  it('is worked out once a request, and again when authentication has run in between', () => {
    const callers = new Callers({}, classifier);
    const request: Record<string, unknown> = { headers: {} };
    const before = callers.of(contextOf('http', request, {}));
    expect(before.kind).toBe('anonymous');
    expect(callers.of(contextOf('http', request, {}))).toBe(before);
    request['user'] = { claims: { kind: 'human', sub: 'a' } };
    const after = callers.of(contextOf('http', request, {}));
    expect(after.kind).toBe('human');
    expect(callers.of(contextOf('http', request, {}))).toBe(after);
  });

  it('is classified once for a token, where the guard hands over the same frozen claims', () => {
    const callers = new Callers({}, classifier);
    const claims = Object.freeze({ kind: 'human', sub: 'a' });
    const asked = classifier.asked;
    for (let call = 0; call < 5; call++) callers.of(contextOf('http', { user: { claims } }, {}));
    expect(classifier.asked - asked).toBe(1);
  });

  it('is read from the client on WebSockets and from the request on GraphQL', () => {
    const callers = new Callers({}, classifier);
    const client = { data: { user: { claims: { kind: 'human', sub: 'ws' } } }, handshake: { address: '::1' } };
    expect(callers.of(contextOf('ws', client, {}))).toMatchObject({ transport: 'ws', subject: 'ws', ip: '::1' });
    const graphql = { req: { user: { claims: { kind: 'human', sub: 'gql' } }, ip: '10.1.1.1' } };
    expect(callers.of(contextOf('graphql', {}, {}, graphql, {}))).toMatchObject({
      transport: 'graphql',
      subject: 'gql',
    });
  });

  it('is nobody in the payload of a message, because a user in it is what the sender says', () => {
    const callers = new Callers({}, classifier);
    const payload = { user: { claims: { kind: 'm2m', sub: 'root' } }, ip: '1.2.3.4' };
    expect(callers.of(contextOf('rpc', payload, {}))).toMatchObject({
      transport: 'rpc',
      kind: 'anonymous',
      ip: undefined,
    });
  });
});
