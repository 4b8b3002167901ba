// Real: the decorators' metadata, the gate, the decision, the refusal on HTTP. Faked: the execution context and who calls.
import { HttpException, type ExecutionContext } from '@nestjs/common';
import { describe, expect, it, jest } from '@jest/globals';
import { HumanOnly } from '../../src/m2m/human-only.decorator.js';
import { KindGate } from '../../src/m2m/kind-gate.js';
import { refusalOf, requirementOn } from '../../src/m2m/kind-requirement.js';
import { M2MOnly } from '../../src/m2m/m2m-only.decorator.js';
import type { Caller, CallerKind } from '../../src/request/caller.js';

@HumanOnly()
class People {
  inherited() {}
  @M2MOnly({ clientIds: ['billing', 'reports'], scopes: ['read', 'write'] }) machines() {}
}
@M2MOnly()
class Machines {
  inherited() {}
  @HumanOnly() people() {}
}
class Plain {
  open() {}
}
class HeirOfPeople extends People {}

const caller = (kind: CallerKind, more: Partial<Caller> = {}): Caller => ({
  ...{ transport: 'http', request: {}, kind, principal: kind === 'anonymous' ? undefined : {}, claims: {} },
  ...more,
});

function setup(kind: 'human' | 'm2m', who: Caller, unknown: 'deny' | 'allow' = 'deny', scopes: readonly string[] = []) {
  const headers: Record<string, string> = {};
  const of = jest.fn(() => who);
  const warn = jest.fn<(message: string) => void>();
  const gate = new KindGate(kind, { of }, { unknown, scopesOf: () => scopes }, warn);
  const response = { setHeader: (name: string, value: string) => (headers[name] = value) };
  const args = [{}, response];
  const ask = (controller: Function, handler: Function): unknown =>
    gate.canActivate({
      getType: () => 'http',
      getClass: () => controller,
      getHandler: () => handler,
      getArgs: () => args,
      getArgByIndex: (index: number) => args[index],
      switchToHttp: () => ({ getRequest: () => args[0], getResponse: () => response }),
    } as unknown as ExecutionContext);
  const refusal = (controller: Function, handler: Function): unknown => {
    try {
      return ask(controller, handler);
    } catch (error) {
      return error instanceof HttpException ? error.getResponse() : error;
    }
  };
  return { ask, refusal, headers, of, warn };
}

const { prototype: people } = People;
const { prototype: machines } = Machines;

describe('who may pass', () => {
  it.each<[CallerKind, unknown, unknown]>([
    ['human', true, { statusCode: 403, code: 'm2m_only' }],
    ['m2m', { statusCode: 403, code: 'human_only' }, true],
    ['unknown', { statusCode: 403, code: 'human_only' }, { statusCode: 403, code: 'm2m_only' }],
    ['anonymous', { statusCode: 401, code: 'unauthenticated' }, { statusCode: 401, code: 'unauthenticated' }],
  ])('%s', (kind, atHumanOnly, atM2MOnly) => {
    expect(setup('human', caller(kind)).refusal(People, people.inherited)).toEqual(matching(atHumanOnly));
    expect(setup('m2m', caller(kind)).refusal(Machines, machines.inherited)).toEqual(matching(atM2MOnly));
  });

  it('tells nobody how to come back: 401 names the scheme', () => {
    const { refusal, headers } = setup('human', caller('anonymous'));
    refusal(People, people.inherited);
    expect(headers).toEqual({ 'WWW-Authenticate': 'Bearer' });
  });

  it('answers at once and with a boolean on HTTP, because a promise would cost every request', () => {
    expect(setup('human', caller('human')).ask(People, people.inherited)).toBe(true);
  });

  it('lets an unknown caller past @HumanOnly if the options say so, never past @M2MOnly', () => {
    expect(setup('human', caller('unknown'), 'allow').refusal(People, people.inherited)).toBe(true);
    expect(setup('m2m', caller('unknown'), 'allow').refusal(Machines, machines.inherited)).toEqual(
      matching({ statusCode: 403, code: 'm2m_only' }),
    );
  });
});

describe('certain machines', () => {
  const passes = (more: Partial<Caller>, scopes: readonly string[]): unknown =>
    setup('m2m', caller('m2m', more), 'deny', scopes).refusal(People, people.machines);

  it('are any of the listed clients with all of the listed scopes', () => {
    expect(passes({ clientId: 'billing' }, ['write', 'read', 'more'])).toBe(true);
    expect(passes({ clientId: 'reports' }, ['read', 'write'])).toBe(true);
  });

  it.each<[string, Partial<Caller>, readonly string[]]>([
    ['another client', { clientId: 'other' }, ['read', 'write']],
    ['no client', {}, ['read', 'write']],
    ['a scope too few', { clientId: 'billing' }, ['read']],
    ['a scope that only begins like one', { clientId: 'billing' }, ['read', 'writer']],
  ])('are not: %s', (_what, more, scopes) => {
    expect(passes(more, scopes)).toEqual(matching({ statusCode: 403, code: 'm2m_only' }));
  });

  it('get one message, whatever was wrong: it does not say which client would have passed', () => {
    const message = (more: Partial<Caller>, scopes: readonly string[]) =>
      (passes(more, scopes) as { message: string }).message;
    expect(message({ clientId: 'other' }, ['read', 'write'])).toBe(message({ clientId: 'billing' }, []));
    expect(message({ clientId: 'other' }, [])).not.toMatch(/billing|read/);
  });
});

describe('what holds where', () => {
  it("puts the method's word before its class's, so the class's gate has no say there", () => {
    const { ask, of } = setup('human', caller('m2m'));
    expect(ask(People, people.machines)).toBe(true);
    expect(of).not.toHaveBeenCalled();
    expect(setup('m2m', caller('human')).ask(Machines, machines.people)).toBe(true);
  });

  it('comes down to a class that inherits, with its handlers', () => {
    expect(requirementOn(HeirOfPeople, people.inherited)).toEqual({ kind: 'human' });
    expect(setup('human', caller('m2m')).refusal(HeirOfPeople, people.inherited)).toEqual(
      matching({ statusCode: 403 }),
    );
  });

  it('tells two classes with one inherited handler apart', () => {
    const { refusal } = setup('human', caller('m2m'));
    expect(refusal(Machines, people.inherited)).toBe(true);
    expect(refusal(People, people.inherited)).toEqual(matching({ code: 'human_only' }));
  });

  it('is its own requirement where the guard stands without a decorator', () => {
    const open = Plain.prototype.open;
    expect(setup('human', caller('m2m')).refusal(Plain, open)).toEqual(matching({ code: 'human_only' }));
    expect(setup('m2m', caller('human')).refusal(Plain, open)).toEqual(matching({ code: 'm2m_only' }));
  });
});

describe('a principal without claims', () => {
  it('is refused, and said once how to give the claims', () => {
    const { refusal, warn } = setup('human', caller('unknown', { claims: undefined }));
    refusal(People, people.inherited);
    refusal(People, people.inherited);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toContain('identity.getClaims');
  });

  it('is nothing to speak of where the claims are there and do not tell', () => {
    const { refusal, warn } = setup('human', caller('unknown'));
    refusal(People, people.inherited);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('the decorators', () => {
  it.each<[string, () => unknown, string]>([
    [
      'an empty list of clients',
      () => M2MOnly({ clientIds: [] }),
      '@M2MOnly().clientIds must be an array of at least one',
    ],
    ['an empty list of scopes', () => M2MOnly({ scopes: [] }), '@M2MOnly().scopes must be an array of at least one'],
    ['a blank scope', () => M2MOnly({ scopes: [' '] }), '@M2MOnly().scopes[0] must be a string'],
    ['a misspelt option', () => M2MOnly({ clientIDs: ['a'] } as never), 'Did you mean "clientIds"?'],
    ['both on one method', () => decorateMethod(HumanOnly(), M2MOnly()), 'is on Made.handle, which says already'],
    [
      'one twice on a class',
      () => decorateClass(M2MOnly(), M2MOnly({ scopes: ['a'] })),
      'is on Made, which says already',
    ],
  ])('refuse %s, because nobody could tell what was meant', (_what, decorate, message) => {
    expect(decorate).toThrow(message);
  });

  it('may repeat on a method that overrides one, because that is another method', () => {
    class Base {
      handle() {}
    }
    class Heir extends Base {
      override handle() {}
    }
    for (const [made, decorator] of [
      [Base, HumanOnly()],
      [Heir, M2MOnly()],
    ] as const)
      apply(made, decorator);
    expect(requirementOn(Heir, Heir.prototype.handle)).toMatchObject({ kind: 'm2m' });
    expect(requirementOn(Base, Base.prototype.handle)).toEqual({ kind: 'human' });
  });
});

describe('the decision', () => {
  it('needs no Nest: a caller and a requirement are enough', () => {
    const rules = { unknown: 'deny' as const, scopesOf: () => [] };
    expect(refusalOf({ kind: 'human' }, caller('human'), rules)).toBeUndefined();
    expect(refusalOf({ kind: 'human' }, caller('m2m'), rules)).toMatchObject({ statusCode: 403, code: 'human_only' });
  });
});

function matching(expected: unknown): unknown {
  return typeof expected === 'object' ? expect.objectContaining(expected as Record<string, unknown>) : expected;
}

function apply(made: { prototype: object }, decorator: MethodDecorator): void {
  decorator(made.prototype, 'handle', Object.getOwnPropertyDescriptor(made.prototype, 'handle')!);
}

function decorateMethod(...decorators: readonly MethodDecorator[]): void {
  class Made {
    handle() {}
  }
  for (const decorator of decorators) apply(Made, decorator);
}

function decorateClass(...decorators: readonly ClassDecorator[]): void {
  class Made {}
  for (const decorator of decorators) decorator(Made);
}
