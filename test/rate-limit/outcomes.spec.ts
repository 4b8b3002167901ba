// Real: Nest with both frameworks, real sockets, the limiter with its memory. Faked: the authentication, which
// believes a header, and the clock. What is asked: how what a call is charged follows how the call goes.
import { get } from 'node:http';
import { Controller, ForbiddenException, Get, HttpException, UseGuards, type Type } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { RateLimit } from '../../src/rate-limit/rate-limit.decorator.js';
import { SettleCost, type CostSettlement } from '../../src/rate-limit/settle-cost.decorator.js';
import { ADAPTERS, until } from '../support/app.js';
import { Auth, startLimited, type Limited } from './support/limited-app.js';

const ANN = { 'x-user': 'ann' };

/** Lets handlers wait until the test says so. */
class Gate {
  waiting = 0;
  private readonly release: (() => void)[] = [];
  async pass(): Promise<string> {
    this.waiting++;
    await new Promise<void>((resolve) => this.release.push(resolve));
    return 'done';
  }
  open(): void {
    for (const release of this.release.splice(0)) release();
    this.waiting = 0;
  }
}

describe.each(ADAPTERS)('on %s', (adapter) => {
  /** What a failing test leaves behind would keep its handlers waiting. */
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  async function start(controller: Type): Promise<Limited> {
    const limited = await startLimited(adapter, { controllers: [controller] });
    ends.push(() => limited.app.close());
    return limited;
  }
  const portOf = ({ app }: Limited): number => (app.getHttpServer().address() as { port: number }).port;

  describe('concurrency', () => {
    async function busy() {
      const gate = new Gate();
      ends.push(() => gate.open());
      @Controller()
      class Reports {
        @Get('r')
        @UseGuards(Auth)
        @RateLimit({ algorithm: 'concurrency', maxRequests: 2, windowSeconds: 30 })
        r() {
          return gate.pass();
        }
        @Get('fails') @UseGuards(Auth) @RateLimit({ algorithm: 'concurrency', maxRequests: 1 }) fails() {
          throw new ForbiddenException();
        }
      }
      return { gate, limited: await start(Reports) };
    }

    it('lets so many calls of one caller work at the same time, and the next as soon as one has ended', async () => {
      const { gate, limited } = await busy();
      const first = [limited.ask('/r', ANN), limited.ask('/r', ANN)];
      await until(() => gate.waiting === 2, 'both work');
      const refused = await limited.ask('/r', ANN);
      expect(refused.status).toBe(429);
      const bob = limited.ask('/r', { 'x-user': 'bob' });
      await until(() => gate.waiting === 3, 'another caller works');
      gate.open();
      expect((await Promise.all([...first, bob])).map(({ status }) => status)).toEqual([200, 200, 200]);
      const again = limited.ask('/r', ANN);
      await until(() => gate.waiting === 1, 'it works again');
      gate.open();
      expect((await again).status).toBe(200);
    });

    it('tells no time at which nobody knows that a place will be free, and one second to wait', async () => {
      const { gate, limited } = await busy();
      const working = [limited.ask('/r', ANN), limited.ask('/r', ANN)];
      await until(() => gate.waiting === 2, 'both work');
      const { headers } = await limited.ask('/r', ANN);
      expect(headers.get('ratelimit-policy')).toBe('"default";q=2;qu="concurrent-requests"');
      expect(headers.get('ratelimit')).toBe('"default";r=0');
      expect(headers.get('x-ratelimit-remaining')).toBe('0');
      expect(headers.has('x-ratelimit-reset')).toBe(false);
      expect(headers.get('retry-after')).toBe('1');
      gate.open();
      await Promise.all(working);
    });

    it('a call whose client has gone holds its place while its handler is still at work', async () => {
      const { gate, limited } = await busy();
      const gone = get({ port: portOf(limited), path: '/r', headers: ANN });
      gone.on('error', () => undefined);
      await until(() => gate.waiting === 1, 'it works');
      const ended = limited.events.length;
      gone.destroy();
      await until(() => limited.events.slice(ended).some(({ type }) => type === 'request.ended'), 'its end is told');
      const second = limited.ask('/r', ANN);
      await until(() => gate.waiting === 2, 'the other place is taken');
      expect((await limited.ask('/r', ANN)).status).toBe(429);
      gate.open();
      await second;
    });

    it('a handler that throws gives its place back, and a call that a guard refuses has never had one', async () => {
      const { limited } = await busy();
      for (let call = 0; call < 3; call++) expect((await limited.ask('/fails', ANN)).status).toBe(403);
      for (let call = 0; call < 3; call++) expect((await limited.ask('/fails')).status).toBe(401);
      expect((await limited.ask('/fails', ANN)).status).toBe(403);
    });

    it('a lease of a handler that never ends is over after the window', async () => {
      const { gate, limited } = await busy();
      const hanging = [limited.ask('/r', ANN), limited.ask('/r', ANN)];
      await until(() => gate.waiting === 2, 'both hang');
      limited.clock.advance(30_000);
      const third = limited.ask('/r', ANN);
      await until(() => gate.waiting === 3, 'the third works');
      gate.open();
      expect((await Promise.all([...hanging, third])).map(({ status }) => status)).toEqual([200, 200, 200]);
    });
  });

  describe('late cost', () => {
    @Controller()
    class Chat {
      @Get('chat/:tokens')
      @UseGuards(Auth)
      @RateLimit([
        { name: 'calls', maxRequests: 10 },
        { name: 'tokens', maxRequests: 1000, cost: 100 },
      ])
      async chat(@SettleCost('tokens') settle: CostSettlement) {
        await settle(this.used);
        return 'words';
      }
      used = 0;
    }

    it('charges what the call has cost in the end, of the policy it names and of no other', async () => {
      const limited = await start(Chat);
      const chat = limited.app.get(Chat);
      const remaining = async () =>
        (await limited.service.peek({ user: 'ann' }, { name: 'tokens', maxRequests: 1000 })).remaining;
      for (const [used, left] of [
        [40, 960],
        [100, 860],
        [300, 560],
        [5000, 0],
      ] as const) {
        chat.used = used;
        expect((await limited.ask('/chat/1', ANN)).status).toBe(200);
        expect(await remaining()).toBe(left);
      }
      expect((await limited.ask('/chat/1', ANN)).status).toBe(429);
      expect((await limited.service.peek({ user: 'ann' }, { name: 'calls', maxRequests: 10 })).remaining).toBe(6);
      limited.clock.advance(60_000);
      expect((await limited.ask('/chat/1', ANN)).status).toBe(200);
    });

    it('a name that no policy of the route has settles nothing, and says so once', async () => {
      @Controller()
      class Misspelt {
        @Get('r') @RateLimit({ name: 'tokens', maxRequests: 5 }) async r(@SettleCost('token') settle: CostSettlement) {
          await settle(5);
          return 'ok';
        }
      }
      const { ask, warnings } = await start(Misspelt);
      expect([(await ask('/r')).status, (await ask('/r')).status]).toEqual([200, 200]);
      expect(warnings).toEqual([expect.stringContaining('@SettleCost("token") settles nothing')]);
    });
  });

  describe('countWhen', () => {
    const outcomes = (countWhen: (outcome: { statusCode?: number | undefined }) => boolean) => {
      @Controller()
      class Login {
        @Get('login') @RateLimit({ maxRequests: 2, identifier: 'ip', countWhen }) login() {
          if (this.status !== 200) throw new HttpException('no', this.status);
          return 'welcome';
        }
        status = 200;
      }
      return Login;
    };
    async function run(Login: Type<{ status: number }>, statuses: readonly number[]) {
      const limited = await start(Login);
      const answers: number[] = [];
      for (const status of statuses) {
        limited.app.get(Login).status = status;
        const ended = limited.events.length;
        answers.push((await limited.ask('/login')).status);
        await until(() => limited.events.slice(ended).some(({ type }) => type === 'request.ended'), 'its end is told');
      }
      return answers;
    }

    it('counts only failures: whoever logs in is never limited, whoever guesses is', async () => {
      const onlyFailures = outcomes(({ statusCode = 500 }) => statusCode >= 400);
      expect(await run(onlyFailures, [200, 200, 200, 401, 200, 401, 401])).toEqual([200, 200, 200, 401, 200, 401, 429]);
    });

    it('counts only successes: whoever gets it wrong may try again', async () => {
      const onlySuccesses = outcomes(({ statusCode = 500 }) => statusCode < 400);
      expect(await run(onlySuccesses, [400, 400, 400, 200, 400, 200, 200])).toEqual([
        400, 400, 400, 200, 400, 200, 429,
      ]);
    });
  });

  it('blockSeconds refuses for so long after a refusal, does not begin anew with each, and forgets nothing', async () => {
    @Controller()
    class Blocking {
      @Get('r') @RateLimit({ maxRequests: 2, windowSeconds: 60, blockSeconds: 10 }) r() {
        return 'ok';
      }
    }
    const { ask, clock } = await start(Blocking);
    const seen = async (): Promise<[number, string | null]> => {
      const { status, headers } = await ask('/r');
      return [status, headers.get('retry-after')];
    };
    expect([await seen(), await seen()]).toEqual([
      [200, null],
      [200, null],
    ]);
    clock.advance(55_000);
    // The window frees in 5 s, the block in 10.
    expect(await seen()).toEqual([429, '10']);
    clock.advance(6000);
    expect(await seen()).toEqual([429, '4']);
    clock.advance(4000);
    expect([await seen(), await seen()]).toEqual([
      [200, null],
      [200, null],
    ]);
    clock.advance(10_000);
    // A block shorter than the window does not empty it.
    expect(await seen()).toEqual([429, '50']);
    clock.advance(11_000);
    expect((await seen())[0]).toBe(429);
  });

  it('shadow decides and reports, refuses nothing and tells the client nothing', async () => {
    @Controller()
    class Tried {
      @Get('r') @RateLimit([{ maxRequests: 5 }, { name: 'tried', maxRequests: 1, shadow: true }]) r() {
        return 'ok';
      }
    }
    const { ask, events } = await start(Tried);
    for (let call = 0; call < 3; call++) {
      const { status, headers } = await ask('/r');
      expect(status).toBe(200);
      expect(headers.get('ratelimit')).not.toContain('tried');
    }
    const tried = events.filter((event) => event.type === 'rate_limit.decided' && event.policy === 'tried');
    expect(tried).toMatchObject([
      { allowed: true, shadow: true },
      { allowed: false, shadow: true },
      { allowed: false, shadow: true },
    ]);
  });
});
