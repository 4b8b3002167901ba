// Real: the module, both frameworks, loopback sockets, the parsers and clients that an API's callers use. Faked: the
// clock in the tests of what headers say; the tests of clients that wait run in real time.
import { setTimeout as wait } from 'node:timers/promises';
import { Controller, Get, Module } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import axiosRetry from 'axios-retry';
import { got } from 'got';
import { parseRateLimit } from 'ratelimit-header-parser';
import { parseList } from 'structured-headers';
import { AuthServicesModule, RateLimit, type RateLimitPolicy, type RateLimitOptions } from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { ADAPTERS, startApp, until, type RunningApp } from '../support/app.js';

/** One a second by each algorithm; of `concurrency` one at a time, which takes less than a second. */
const ONE_A_SECOND: RateLimitPolicy = { maxRequests: 1, windowSeconds: 1 };
const HELD_MS = 600;
/** What holds the only place of `/busy`. */
const busy: { end: (() => void) | undefined } = { end: undefined };

@Controller()
class Routes {
  @Get('sliding') @RateLimit({ maxRequests: 2 }) sliding() {}
  @Get('gcra') @RateLimit({ algorithm: 'gcra', maxRequests: 60, burst: 2 }) gcra() {}
  @Get('fixed') @RateLimit({ algorithm: 'fixed-window', maxRequests: 2, windowSeconds: 3600 }) fixed() {}
  @Get('concurrent') @RateLimit({ algorithm: 'concurrency', maxRequests: 2 }) concurrent() {}
  @Get('several') @RateLimit(['hourly', { name: 'a "b" \\c', maxRequests: 2, windowSeconds: 0.5 }]) several() {}
  @Get('never') @RateLimit({ maxRequests: 0 }) never() {}
  @Get('busy') @RateLimit({ algorithm: 'concurrency', maxRequests: 1 }) busy() {
    return new Promise((resolve) => (busy.end = () => resolve('done')));
  }
  @Get('all')
  @RateLimit([
    { name: 'any', maxRequests: 3, windowSeconds: 60 },
    { name: 'even', algorithm: 'gcra', maxRequests: 60, windowSeconds: 60, burst: 10 },
    { name: 'daily', algorithm: 'fixed-window', maxRequests: 1000, windowSeconds: 86_400 },
    { name: 'places', algorithm: 'concurrency', maxRequests: 5 },
  ])
  all() {}
  @Get('retry/sliding-window') @RateLimit(ONE_A_SECOND) retrySliding() {
    return 'ok';
  }
  @Get('retry/gcra') @RateLimit({ ...ONE_A_SECOND, algorithm: 'gcra' }) retryGcra() {
    return 'ok';
  }
  @Get('retry/fixed-window') @RateLimit({ ...ONE_A_SECOND, algorithm: 'fixed-window' }) retryFixed() {
    return 'ok';
  }
  @Get('retry/concurrency') @RateLimit({ ...ONE_A_SECOND, windowSeconds: 60, algorithm: 'concurrency' }) async held() {
    await wait(HELD_MS);
    return 'ok';
  }
}

describe.each(ADAPTERS)('what clients are told on %s', (adapter) => {
  // A quarter past an hour, and a quarter of a second.
  const clock = new ManualClock(Date.UTC(2026, 5, 1, 12, 15) + 250);
  let running: RunningApp;
  async function start(rateLimit: RateLimitOptions = {}, isReal = false): Promise<void> {
    const options = { policies: { hourly: { maxRequests: 100, windowSeconds: 3600 } }, ...rateLimit };
    @Module({
      imports: [
        AuthServicesModule.forRoot({
          audit: { logToConsole: false },
          rateLimit: options,
          ...(!isReal && { now: clock.now }),
        }),
      ],
      controllers: [Routes],
    })
    class App {}
    running = await startApp(adapter, App);
  }
  afterEach(() => running.close());
  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(running.url + path, { headers });
  const told = async (path: string) => {
    const { status, headers } = await ask(path);
    const names = [
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
      'ratelimit-policy',
      'ratelimit',
      'retry-after',
    ];
    return [status, ...names.map((name) => headers.get(name))];
  };
  /** The second at which so much time has passed. */
  const at = (ms: number): string => String(Math.ceil((clock.now() + ms) / 1000));

  it('is right for the sliding window, on 200 and on 429', async () => {
    await start();
    const policy = '"default";q=2;w=60';
    expect(await told('/sliding')).toEqual([200, '2', '1', at(60_000), policy, '"default";r=1;t=60', null]);
    clock.advance(1500);
    expect(await told('/sliding')).toEqual([200, '2', '0', at(58_500), policy, '"default";r=0;t=59', null]);
    expect(await told('/sliding')).toEqual([429, '2', '0', at(58_500), policy, '"default";r=0;t=59', '59']);
  });

  it('is right for gcra: quota returns one request at a time', async () => {
    await start();
    const policy = '"default";q=60;w=60';
    expect(await told('/gcra')).toEqual([200, '60', '1', at(1000), policy, '"default";r=1;t=1', null]);
    expect(await told('/gcra')).toEqual([200, '60', '0', at(1000), policy, '"default";r=0;t=1', null]);
    expect(await told('/gcra')).toEqual([429, '60', '0', at(1000), policy, '"default";r=0;t=1', '1']);
  });

  it('is right for a fixed window: quota returns at the full hour', async () => {
    await start();
    const left = 3_600_000 - (clock.now() % 3_600_000);
    const seconds = Math.ceil(left / 1000);
    await ask('/fixed');
    const policy = '"default";q=2;w=3600';
    expect(await told('/fixed')).toEqual([200, '2', '0', at(left), policy, `"default";r=0;t=${seconds}`, null]);
    expect(await told('/fixed')).toEqual([429, '2', '0', at(left), policy, `"default";r=0;t=${seconds}`, `${seconds}`]);
  });

  it('tells of concurrency how many, and not when, on 200 and on 429', async () => {
    await start();
    const policy = '"default";q=2;qu="concurrent-requests"';
    expect(await told('/concurrent')).toEqual([200, '2', '1', null, policy, '"default";r=1', null]);
    busy.end = undefined;
    const working = ask('/busy');
    const one = '"default";q=1;qu="concurrent-requests"';
    await until(() => busy.end !== undefined, 'the place is taken');
    expect(await told('/busy')).toEqual([429, '1', '0', null, one, '"default";r=0', '1']);
    busy.end!();
    expect((await working).headers.get('ratelimit')).toBe('"default";r=0');
  });

  it('lists policies of all algorithms together, and the legacy headers and Retry-After are of the one that refuses', async () => {
    await start();
    const policies = '"any";q=3;w=60, "even";q=60;w=60, "daily";q=1000;w=86400, "places";q=5;qu="concurrent-requests"';
    const day = Math.ceil((86_400_000 - (clock.now() % 86_400_000)) / 1000);
    const states = (left: number): string =>
      `"any";r=${left};t=60, "even";r=${left + 7};t=1, "daily";r=${left + 997};t=${day}`;
    for (const left of [2, 1, 0]) {
      const [status, limit, remaining, , listed, state, retry] = await told('/all');
      expect([status, limit, remaining, listed, retry]).toEqual([200, '3', String(left), policies, null]);
      expect(state).toBe(`${states(left)}, "places";r=4`);
    }
    expect(await told('/all')).toEqual([429, '3', '0', at(60_000), policies, `${states(0)}, "places";r=5`, '60']);
  });

  it.each(['/sliding', '/gcra', '/fixed', '/concurrent', '/several', '/all', '/never'])(
    'is at %s, allowed and refused, what RFC 9651 and the draft call a list: whole numbers, the same names, never a Retry-After before t',
    async (path) => {
      await start();
      for (let call = 0; call < 4; call++) {
        const { status, headers } = await ask(path);
        const [quotas, states] = ['ratelimit-policy', 'ratelimit'].map((name) => parseList(headers.get(name)!));
        expect(states!.map(([name]) => name)).toEqual(quotas!.map(([name]) => name));
        states!.forEach(([, state], index) => {
          const quota = quotas![index]![1];
          for (const key of ['q', 'w']) if (quota.has(key)) expect(Number.isInteger(quota.get(key))).toBe(true);
          for (const key of ['r', 't']) if (state.has(key)) expect(Number.isInteger(state.get(key))).toBe(true);
          expect(state.get('r')).toBeGreaterThanOrEqual(0);
          expect(state.get('r')).toBeLessThanOrEqual(Number(quota.get('q')));
          const isSpent = state.get('r') === 0 && state.has('t');
          if (status === 429 && isSpent) {
            expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(Number(state.get('t')));
          }
        });
      }
    },
  );

  it('has no Retry-After and no reset where waiting cannot help', async () => {
    await start();
    expect(await told('/never')).toEqual([429, '0', '0', null, '"default";q=0;w=60', '"default";r=0', null]);
  });

  it('lists every policy as RFC 9651 has lists, whatever the names hold, and the legacy headers are of the nearest', async () => {
    await start();
    const { headers } = await ask('/several');
    const policies = parseList(headers.get('ratelimit-policy')!);
    const states = parseList(headers.get('ratelimit')!);
    expect(policies.map(([name, parameters]) => [name, Object.fromEntries(parameters)])).toEqual([
      ['hourly', { q: 100, w: 3600 }],
      ['a "b" \\c', { q: 2 }],
    ]);
    expect(states.map(([name, parameters]) => [name, Object.fromEntries(parameters)])).toEqual([
      ['hourly', { r: 99, t: 3600 }],
      ['a "b" \\c', { r: 1, t: 1 }],
    ]);
    expect(headers.get('x-ratelimit-limit')).toBe('2');
  });

  it('is read by ratelimit-header-parser, in the form that it knows: of RateLimit it has a draft before the lists', async () => {
    await start({ headers: 'legacy' }, true);
    const before = Date.now();
    const info = parseRateLimit(await ask('/sliding'));
    expect(info).toMatchObject({ limit: 2, remaining: 1 });
    expect(info!.reset!.getTime()).toBeGreaterThanOrEqual(before + 59_000);
    expect(info!.reset!.getTime()).toBeLessThanOrEqual(Date.now() + 61_000);
    await ask('/sliding');
    const refused = await ask('/sliding');
    expect(refused.status).toBe(429);
    expect(parseRateLimit(refused)).toMatchObject({ limit: 2, used: 2, remaining: 0 });
  });

  it('is obeyed by the retry of got and of axios-retry, with every algorithm: they come again as told, once, and are let in', async () => {
    await start({}, true);
    let retries = 0;
    const patient = got.extend({
      prefixUrl: running.url,
      retry: { limit: 1 },
      hooks: { beforeRetry: [() => void retries++] },
    });
    const client = axios.create({ baseURL: running.url });
    axiosRetry(client, {
      retries: 1,
      retryCondition: ({ response }) => response?.status === 429,
      onRetry: () => void retries++,
    });
    const obeys = async (algorithm: string): Promise<void> => {
      const path = `retry/${algorithm}`;
      // A place is taken while the first of two works; the others' quota is spent by it.
      const inFront = async (): Promise<unknown> => {
        const first = ask(`/${path}`);
        return algorithm === 'concurrency' ? wait(HELD_MS / 4) : first;
      };
      await inFront();
      expect(await patient.get(path).text()).toBe('ok');
      await inFront();
      expect((await client.get(path)).data).toBe('ok');
    };
    await Promise.all(['sliding-window', 'gcra', 'fixed-window', 'concurrency'].map(obeys));
    expect(retries).toBeGreaterThanOrEqual(4);
  });

  describe('application/problem+json', () => {
    const problem = { accept: 'application/problem+json, application/json;q=0.5' };

    it('is sent to those that ask for it, with the quota exceeded and the policies that were', async () => {
      await start({ policies: { hourly: { maxRequests: 1, windowSeconds: 3600 } } });
      await ask('/several');
      const refused = await ask('/several', problem);
      expect(refused.status).toBe(429);
      expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await refused.json()).toEqual({
        type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
        title: 'Request cannot be satisfied as assigned quota has been exceeded',
        status: 429,
        detail: 'Too many requests. Try again in 3600 seconds.',
        code: 'rate_limited',
        'violated-policies': ['hourly'],
      });
    });

    it.each(['*/*', 'application/json', 'application/problem+json;q=0'])(
      'is not sent for Accept: %s',
      async (accept) => {
        await start();
        const refused = await ask('/never', { accept });
        expect(refused.headers.get('content-type')).toMatch(/^application\/json/);
        expect(await refused.json()).toMatchObject({
          statusCode: 429,
          error: 'Too Many Requests',
          code: 'rate_limited',
        });
      },
    );

    it('is sent by the floor under everything too, which refuses before there is a route', async () => {
      await start({ perIp: { maxRequests: 0, windowSeconds: 60 } });
      const refused = await ask('/nowhere', problem);
      expect(refused.status).toBe(429);
      expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await refused.json()).toMatchObject({ status: 429, 'violated-policies': ['per-ip'] });
    });

    it('says that the service is at reduced capacity where the store is away and the policy is closed', async () => {
      const gone = (): never => {
        throw new Error('gone');
      };
      const storage = { consume: gone, peek: gone, refund: gone, debit: gone, reset: gone, clear: gone };
      await start({ storage, default: { onStoreFailure: 'closed' } });
      const refused = await ask('/sliding', problem);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await refused.json()).toMatchObject({
        type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
        code: 'rate_limit_unavailable',
        'violated-policies': ['default'],
      });
    });
  });
});
