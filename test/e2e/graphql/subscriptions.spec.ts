// Real: subscriptions over WebSockets on Apollo with both frameworks and on Mercurius, the client of graphql-ws, the module.
// Faked: authentication by a header of the handshake, the clock.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient, type Client, type ExecutionResult } from 'graphql-ws';
import { WebSocket } from 'ws';
import { DRIVERS, startWorld, type World } from './world.js';

describe.each(DRIVERS)('GraphQL subscriptions by %s', (driver) => {
  let world: World;
  const clients: Client[] = [];
  beforeEach(async () => {
    world = await startWorld(driver);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose();
    await world.close();
  });

  function connect(headers: Record<string, string>, connectionParams: Record<string, unknown> = {}): Client {
    class WithHeaders extends WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol, { headers });
      }
    }
    const url = `${world.url.replace('http', 'ws')}/graphql`;
    const client = createClient({ url, webSocketImpl: WithHeaders, connectionParams, retryAttempts: 0 });
    clients.push(client);
    return client;
  }
  /** What a subscription brings until it ends, or the errors that it is refused with. */
  async function results(client: Client, query = 'subscription { ticks }'): Promise<unknown[]> {
    const found: unknown[] = [];
    try {
      for await (const { data, errors } of client.iterate({ query }) as AsyncIterable<ExecutionResult>) {
        found.push(...(errors ?? [data]));
      }
    } catch (error) {
      found.push(...(Array.isArray(error) ? (error as unknown[]) : [error]));
    }
    return found;
  }

  it('count once, when they begin: what they bring is free', async () => {
    const alice = connect({ 'x-user': 'alice' });
    expect(await results(alice)).toEqual([{ ticks: 'one' }, { ticks: 'two' }]);
    expect(await results(alice)).toMatchObject([
      { message: 'Too many requests. Try again in 60 seconds.', extensions: { code: 'rate_limited' } },
    ]);
    expect(await results(connect({ 'x-user': 'bob' }))).toHaveLength(2);
  });

  it('know nobody by what the client says of itself when it connects', async () => {
    const user = { sub: 'admin', username: 'admin', token_use: 'access' };
    const forger = connect({}, { user, extra: { user }, context: { user } });
    expect(await results(forger)).toMatchObject([{ message: 'Unauthorized' }]);
    expect(await results(forger, 'subscription { private }')).toMatchObject([
      { extensions: { code: 'unauthenticated' } },
    ]);
  });

  it('leave one audit event, when they have begun or were refused, with the address of the connection', async () => {
    const alice = connect({ 'x-user': 'alice' });
    await results(alice);
    await results(alice);
    const events = (await world.audited(2)).filter(({ route }) => route === 'Subscription.ticks');
    expect(events).toMatchObject([
      { eventType: 'request_success', outcome: 'success', userId: 'alice', ipAddress: '127.0.0.1' },
      { eventType: 'request_error', outcome: 'denied', reason: 'rate_limited', statusCode: 429, userId: 'alice' },
    ]);
  });
});
