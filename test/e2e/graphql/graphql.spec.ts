// Real: Apollo on both frameworks and Mercurius, their HTTP, the module. Faked: authentication by a header, the clock.
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AuthServicesExtras, AuthServicesOptions } from '../../../src/index.js';
import { ApiResolver, DRIVERS, startWorld, type World } from './world.js';

const person = { 'x-user': 'alice' };
const machine = { 'x-machine': 'billing' };

describe.each(DRIVERS)('GraphQL by %s', (driver) => {
  let world: World;
  afterEach(() => world.close());
  const start = async (options: AuthServicesOptions & AuthServicesExtras = {}, settings: object = {}) => {
    world = await startWorld(driver, options, settings);
  };

  describe('a refusal', () => {
    it('arrives as an error of its field, with the code that HTTP has in its body, and says when to come back', async () => {
      await start();
      for (let call = 0; call < 2; call++) {
        expect((await world.query('{ limited }', person)).body).toEqual({ data: { limited: 'limited' } });
      }
      const { status, body, headers } = await world.query('{ limited }', person);
      expect(status).toBe(200);
      expect(body.errors).toMatchObject([
        {
          message: 'Too many requests. Try again in 60 seconds.',
          path: ['limited'],
          extensions: { code: 'rate_limited', retryAfterSeconds: 60 },
        },
      ]);
      expect(JSON.stringify(body)).not.toContain('statusCode');
      expect(headers.get('retry-after')).toBe('60');
    });

    it.each([
      ['person', machine, 'human_only'],
      ['machine', person, 'm2m_only'],
      ['nobodyYet', {}, 'unauthenticated'],
    ])('has the code of what was decided: %s', async (field, headers, code) => {
      await start();
      const { body } = await world.query(`{ ${field} }`, headers);
      expect(body.errors).toMatchObject([{ path: [field], extensions: { code } }]);
    });

    it('of one field leaves the others of the operation their answers', async () => {
      await start();
      const { body } = await world.query('{ a: limited b: limited c: limited open }', person);
      // A field that cannot be null takes its siblings with it, as GraphQL has it: the error says which it was.
      expect(body.errors).toMatchObject([{ path: ['c'], extensions: { code: 'rate_limited' } }]);
    });
  });

  it('lets in whom a field is for', async () => {
    await start();
    expect((await world.query('{ person }', person)).body).toEqual({ data: { person: 'person' } });
    expect((await world.query('{ machine }', machine)).body).toEqual({ data: { machine: 'machine' } });
  });

  it('tells a handler who is calling', async () => {
    await start();
    const { body } = await world.query('{ whoami { kind userId clientId transport sub ip } }', machine);
    expect(body.data.whoami).toEqual({
      kind: 'm2m',
      userId: null,
      clientId: 'billing',
      transport: 'graphql',
      sub: 'billing',
      ip: '127.0.0.1',
    });
  });

  describe('counts', () => {
    it('a hundred aliases of login a hundred times: one request is no way around a limit', async () => {
      await start();
      ApiResolver.logins = 0;
      const aliases = Array.from({ length: 100 }, (_, index) => `a${index}: login(name: "x")`).join(' ');
      const { body } = await world.query(`mutation { ${aliases} }`);
      expect(ApiResolver.logins).toBe(5);
      expect(body.errors[0]).toMatchObject({ path: ['a5'], extensions: { code: 'rate_limited' } });
    });

    it('each operation of a batch, and each of its fields', async () => {
      await start();
      ApiResolver.logins = 0;
      const operation = { query: 'mutation { a: login(name: "x") b: login(name: "y") }' };
      const { body } = await world.ask([operation, operation, operation]);
      expect(ApiResolver.logins).toBe(5);
      expect((body as { errors?: unknown }[]).filter(({ errors }) => errors !== undefined)).toHaveLength(1);
    });

    it('by user once authentication has run, whatever the order of the decorators', async () => {
      await start();
      for (const user of ['alice', 'alice', 'bob', 'bob']) {
        expect((await world.query('{ limited }', { 'x-user': user })).body.errors).toBeUndefined();
      }
      expect((await world.query('{ limited }', person)).body.errors).toHaveLength(1);
    });

    it('every root field under globalRateLimit, and none that skips it', async () => {
      await start({ globalRateLimit: true, rateLimit: { default: { maxRequests: 3 } } });
      expect((await world.query('{ a: open b: open unlimited }')).body.errors).toBeUndefined();
      expect((await world.query('{ open }')).body.errors).toBeUndefined();
      expect((await world.query('{ open }')).body.errors).toMatchObject([{ extensions: { code: 'rate_limited' } }]);
      expect((await world.query('{ unlimited }')).body.errors).toBeUndefined();
    });
  });

  it('puts the headers onto the response of HTTP, where there is one', async () => {
    await start();
    const { headers } = await world.query('{ limited }', person);
    expect(headers.get('x-ratelimit-limit')).toBe('2');
    expect(headers.get('x-ratelimit-remaining')).toBe('1');
    expect(headers.get('ratelimit-policy')).toBe('"default";q=2;w=60');
  });

  describe('fields below a root field, with fieldResolverEnhancers', () => {
    const enhanced = { fieldResolverEnhancers: ['guards', 'interceptors'] };

    it('count once where they are written, not once for each item of a list', async () => {
      await start({}, enhanced);
      const { body } = await world.query('{ orders { id price } }');
      expect(body).toEqual({ data: { orders: ['1', '2', '3'].map((id) => ({ id, price: `${id}.00` })) } });
      // Two places more: the limit of three is reached.
      expect((await world.query('{ orders { a: price b: price } }')).body.errors).toBeUndefined();
      expect((await world.query('{ orders { price } }')).body.errors[0].extensions).toMatchObject({
        code: 'rate_limited',
      });
    });

    it('are refused for every item of a list, not for the first alone', async () => {
      await start({}, enhanced);
      await world.query('{ orders { a: price b: price c: price } }');
      const { body } = await world.query('{ orders { secret } }');
      expect(body.data.orders).toEqual([{ secret: null }, { secret: null }, { secret: null }]);
      expect(body.errors).toHaveLength(3);
      const refused = await world.query('{ orders { price } }');
      expect(refused.body.data).toBeNull();
    });

    it('are part of their root field under globalRateLimit', async () => {
      await start({ globalRateLimit: true, rateLimit: { default: { maxRequests: 2 } } }, enhanced);
      expect((await world.query('{ orders { plain } }')).body.errors).toBeUndefined();
      expect((await world.query('{ orders { plain } }')).body.errors).toBeUndefined();
      expect((await world.query('{ orders { plain } }')).body.errors).toHaveLength(1);
    });
  });

  describe('the audit trail', () => {
    it('has one event for each root field, with what HTTP knows of the request, and none for the request beside it', async () => {
      await start();
      await world.query('mutation { refund(id: "7") { id } }', { ...person, 'user-agent': 'shop/1' });
      await world.query('{ open limited }', person);
      const events = await world.audited(3);
      expect(events).toHaveLength(3);
      expect(events[0]).toMatchObject({
        eventType: 'request_success',
        outcome: 'success',
        method: 'POST',
        path: '/graphql',
        route: 'Mutation.refund',
        statusCode: 200,
        action: 'order.refund',
        metadata: { order: '7', by: 'alice' },
        userId: 'alice',
        isM2M: false,
        ipAddress: '127.0.0.1',
        userAgent: 'shop/1',
        durationMs: expect.any(Number),
      });
      expect(events.slice(1).map(({ route }) => route)).toEqual(['Query.open', 'Query.limited']);
    });

    it.each([
      ['limited', person, 'request_error', 'denied', 'rate_limited', 429],
      ['person', machine, 'access_denied', 'denied', 'human_only', 403],
      ['nobodyYet', {}, 'auth_failure', 'failure', 'unauthenticated', 401],
      ['whoami { kind }', {}, 'auth_failure', 'failure', 'unauthorized', 401],
      ['breaks', {}, 'request_exception', 'error', 'RangeError: out of range', undefined],
    ] as const)(
      'tells how it went, though HTTP says 200: %s',
      async (field, headers, type, outcome, reason, status) => {
        await start({ rateLimit: { default: { maxRequests: 1 } } });
        if (field === 'limited') await world.query('{ limited x: limited }', person);
        const before = field === 'limited' ? 2 : 0;
        await world.query(`{ ${field} }`, headers);
        const event = (await world.audited(before + 1))[before]!;
        expect(event).toMatchObject({ eventType: type, outcome, reason, path: '/graphql' });
        expect(event.statusCode).toBe(status);
      },
    );

    it('has the request itself where no field was reached: text that is no GraphQL, a field that does not exist', async () => {
      await start();
      await world.query('{ nowhere }');
      await world.query('{');
      const events = await world.audited(2);
      expect(events).toMatchObject([
        { eventType: 'request_error', path: '/graphql', statusCode: 400 },
        { eventType: 'request_error', path: '/graphql', statusCode: 400 },
      ]);
    });

    it('leaves out what @SkipAudit says, and what is marked is all there is with auditRequests: false', async () => {
      await start();
      await world.query('{ quiet open }');
      expect((await world.audited(1)).map(({ route }) => route)).toEqual(['Query.open']);
      await world.close();
      await start({ auditRequests: false });
      await world.query('{ open }');
      await world.query('mutation { refund(id: "1") { id } }', person);
      expect((await world.audited(1)).map(({ route }) => route)).toEqual(['Mutation.refund']);
    });

    it('has what a guard refused below a root field, once for a list', async () => {
      await start({}, { fieldResolverEnhancers: ['guards'] });
      await world.query('{ orders { id secret } }');
      const events = await world.audited(2);
      expect(events.map(({ route, eventType }) => [route, eventType])).toEqual([
        ['Query.orders', 'request_success'],
        ['Order.secret', 'auth_failure'],
      ]);
    });
  });
});
