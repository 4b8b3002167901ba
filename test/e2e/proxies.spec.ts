// Real: the module, both frameworks with their own ways to trust a proxy, loopback sockets. The proxy is played by the
// test, which sends what a proxy appends to X-Forwarded-For. Nothing is faked.
import { createRequire } from 'node:module';
import { Controller, Get, Module, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AuthServicesModule, RateLimit, type IdentityOptions } from '../../src/index.js';
import { ADAPTERS } from '../support/app.js';

const { version } = createRequire(import.meta.url)('fastify/package.json') as { version: string };
const fastifyMinor = Number(version.split('.')[1]);

@Controller()
class Routes {
  @Get('r') @RateLimit({ maxRequests: 1, identifier: 'ip' }) r() {
    return 'ok';
  }
}

describe.each(ADAPTERS)('behind a proxy on %s', (adapter) => {
  let close: (() => Promise<void>) | undefined;
  afterEach(() => close?.());

  async function start(trust: unknown, identity: IdentityOptions = {}) {
    const warnings: string[] = [];
    const quiet = (): void => undefined;
    const logger: LoggerService = { log: quiet, error: quiet, warn: (message: string) => void warnings.push(message) };
    @Module({
      imports: [
        AuthServicesModule.forRoot({ audit: { logToConsole: false }, identity, rateLimit: { singleProcess: true } }),
      ],
      controllers: [Routes],
    })
    class App {}
    const express = adapter === 'express';
    const platform = express ? new ExpressAdapter() : new FastifyAdapter({ trustProxy: trust as string });
    const app = await NestFactory.create(App, platform, { logger });
    if (express) (app as NestExpressApplication).set('trust proxy', trust);
    await app.listen(0, '127.0.0.1');
    close = () => app.close();
    const { port } = app.getHttpServer().address() as { port: number };
    const ask = async (forwarded?: string): Promise<number> => {
      const headers: Record<string, string> = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
      return (await fetch(`http://127.0.0.1:${port}/r`, { headers })).status;
    };
    return { ask, warnings };
  }

  it('counts by the client that the trusted proxy names, and whatever the client wrote before it changes nothing', async () => {
    const { ask, warnings } = await start('127.0.0.0/8');
    expect(await ask('203.0.113.7')).toBe(200);
    expect(await ask('203.0.113.8')).toBe(200);
    for (const spoofed of ['198.51.100.1', '198.51.100.2, 10.0.0.1', '127.0.0.1']) {
      expect(await ask(`${spoofed}, 203.0.113.7`)).toBe(429);
    }
    expect(warnings).toEqual([]);
  });

  it('goes through several proxies of its own networks from the right, and no further', async () => {
    const { ask } = await start(['127.0.0.0/8', '10.0.0.0/8']);
    expect(await ask('203.0.113.7, 10.1.2.3')).toBe(200);
    expect(await ask('10.9.9.9, 203.0.113.7, 10.4.5.6')).toBe(429);
  });

  it('believes no header of a stranger: without trust everybody behind one address is one, whatever they send', async () => {
    const { ask } = await start(false);
    expect(await ask('203.0.113.7')).toBe(200);
    expect(await ask('203.0.113.8')).toBe(429);
    expect(await ask()).toBe(429);
  });

  it('counts an IPv6 client by its network, and a mapped IPv4 one as what it is', async () => {
    const { ask } = await start('127.0.0.0/8');
    expect(await ask('2001:db8:1:2::1')).toBe(200);
    expect(await ask('2001:db8:1:2:ffff::2')).toBe(429);
    expect(await ask('2001:db8:1:3::1')).toBe(200);
    expect(await ask('203.0.113.9')).toBe(200);
    expect(await ask('::ffff:203.0.113.9')).toBe(429);
  });

  it('says once that a proxy seems to be there and is not trusted', async () => {
    const { ask, warnings } = await start(undefined);
    await ask();
    expect(warnings).toEqual([]);
    for (let call = 0; call < 3; call++) await ask(`203.0.113.${call}`);
    expect(warnings).toEqual([expect.stringMatching(/X-Forwarded-For.*is not set.*counted as one/)]);
  });

  it('says once that whoever sends the header chooses their address, where everybody is trusted', async () => {
    const { ask, warnings } = await start(true);
    for (let call = 0; call < 3; call++) expect(await ask(`203.0.113.${call}`)).toBe(200);
    expect(warnings).toEqual([expect.stringMatching(/X-Forwarded-For.*is true: whoever sends the header chooses/)]);
  });

  it('a number of hops works on Express and on Fastify up to 5.11; from 5.12 on Fastify ignores it, and that is said', async () => {
    const { ask, warnings } = await start(1);
    const statuses = [await ask('203.0.113.7'), await ask('203.0.113.8')];
    const isHonoured = adapter === 'express' || fastifyMinor < 12;
    expect(statuses).toEqual(isHonoured ? [200, 200] : [200, 429]);
    expect(warnings).toEqual(isHonoured ? [] : [expect.stringMatching(/number of hops, which this Fastify ignores/)]);
  });

  it('says nothing where the application finds the address out by itself', async () => {
    const { ask, warnings } = await start(false, { getIp: ({ headers }) => headers['cf-connecting-ip'] as string });
    await ask('203.0.113.7');
    expect(warnings).toEqual([]);
  });
});
