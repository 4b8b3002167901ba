// The key sets of an issuer over HTTP: the issuer and the sockets are real, the clock is ours.
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keyRefreshing, type JwtKeysOptions } from '../../src/jwt/key-refreshing.js';
import { DiscoveredLocation, fixedLocation } from '../../src/jwt/key-set-location.js';
import { RemoteKeys } from '../../src/jwt/remote-keys.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { TestIssuer } from '../../src/testing/test-issuer.js';
import { until } from '../support/app.js';

let issuer: TestIssuer;
let clock: ManualClock;
let reports: string[];
const opened: RemoteKeys[] = [];
const servers: Server[] = [];

beforeEach(async () => {
  issuer = await TestIssuer.start({ algorithm: 'ES256' });
  clock = new ManualClock();
  reports = [];
});
afterEach(async () => {
  for (const keys of opened.splice(0)) keys.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await issuer.stop();
});

function open(options: JwtKeysOptions = {}, location = fixedLocation(issuer.jwksUri), deadlineMs?: number): RemoteKeys {
  const keys = new RemoteKeys({
    location,
    refreshing: keyRefreshing(options),
    now: clock.now,
    deadlineMs,
    report: (message) => reports.push(message),
  });
  opened.push(keys);
  return keys;
}

const fetches = () => issuer.requestCount('/jwks');
const kid = () => issuer.jwk['kid'] as string;
const FOUND = expect.objectContaining({ algorithms: new Set(['ES256']) });

/** A server of one's own, for answers that no issuer should give. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a key set that is fetched', () => {
  it('costs one fetch for a thousand concurrent first requests', async () => {
    const keys = open();
    const found = await Promise.all(Array.from({ length: 1000 }, async () => keys.find(kid(), 'ES256')));
    expect(new Set(found).size).toBe(1);
    expect(found[0]).toEqual(FOUND);
    expect(fetches()).toBe(1);
  });

  it('answers at once, without a promise, when the key is at hand', async () => {
    const keys = open();
    await keys.find(kid(), 'ES256');
    expect(keys.find(kid(), 'ES256')).toEqual(FOUND);
  });

  it('asks for an unknown kid once in 30 seconds, however many come, and good tokens never wait for it', async () => {
    const keys = open();
    await keys.find(kid(), 'ES256');
    const flood = Array.from({ length: 500 }, async (_, index) => keys.find(`unknown-${index}`, 'ES256'));
    expect(keys.find(kid(), 'ES256')).toEqual(FOUND);
    expect(new Set(await Promise.all(flood))).toEqual(new Set(['key']));
    expect(fetches()).toBe(2);
    for (let index = 0; index < 100; index++) {
      clock.advance(299);
      expect(keys.find(`more-${index}`, 'ES256')).toBe('key');
    }
    expect(fetches()).toBe(2);
    clock.advance(100);
    expect(await keys.find('one-more', 'ES256')).toBe('key');
    expect(fetches()).toBe(3);
  });

  it('finds a key that the issuer has rotated in, twice in a row, because a real rotation is no flood', async () => {
    const keys = open();
    await keys.find(kid(), 'ES256');
    for (let rotation = 0; rotation < 3; rotation++) {
      await issuer.rotateKeys();
      expect(await keys.find(kid(), 'ES256')).toEqual(FOUND);
    }
    expect(fetches()).toBe(4);
  });

  it('is refreshed in the background before it expires, while requests go on with what is there', async () => {
    const keys = open({ refreshSeconds: 100, backgroundAt: 0.5 });
    const old = await keys.find(kid(), 'ES256');
    const oldKid = kid();
    await issuer.rotateKeys();
    clock.advance(49_999);
    expect(keys.touch()).toBe(true);
    expect(fetches()).toBe(1);
    clock.advance(1);
    expect(keys.find(oldKid, 'ES256')).toBe(old);
    await until(() => old instanceof Object && (old as { withdrawn: boolean }).withdrawn, 'the old key is withdrawn');
    expect(fetches()).toBe(2);
    expect(keys.find(kid(), 'ES256')).toEqual(FOUND);
  });

  it('is waited for once it has expired, so that a quiet night does not keep a withdrawn key alive', async () => {
    const keys = open({ refreshSeconds: 100 });
    await keys.find(kid(), 'ES256');
    const oldKid = kid();
    await issuer.rotateKeys();
    clock.advance(100_000);
    expect(keys.touch()).toBe(false);
    expect(await keys.find(oldKid, 'ES256')).toBe('key');
  });

  it('gets old by use: in the background at first, and then it is waited for', async () => {
    const keys = open({ strategy: 'usage', refreshUses: 10, backgroundAt: 1 });
    await keys.find(kid(), 'ES256');
    for (let use = 0; use < 9; use++) expect(keys.touch()).toBe(true);
    clock.advance(10 * 86_400_000);
    expect(fetches()).toBe(1);
    expect(keys.find(kid(), 'ES256')).toEqual(FOUND);
    expect(await keys.find(kid(), 'ES256')).toEqual(FOUND);
    expect(fetches()).toBe(2);

    const background = open({ strategy: 'usage', refreshUses: 10, backgroundAt: 0.5 });
    await background.find(kid(), 'ES256');
    for (let use = 0; use < 5; use++) expect(background.touch()).toBe(true);
    await until(() => fetches() === 4, 'the set is fetched in the background');
  });

  it('gets old by whichever comes first under both', async () => {
    const keys = open({ strategy: 'both', refreshUses: 3, refreshSeconds: 100, backgroundAt: 1 });
    await keys.find(kid(), 'ES256');
    for (let use = 0; use < 3; use++) expect(keys.touch()).toBe(true);
    expect(keys.touch()).toBe(false);
    await keys.find(kid(), 'ES256');
    clock.advance(100_000);
    expect(keys.touch()).toBe(false);
  });
});

describe('an issuer that is down', () => {
  it('leaves the old keys good for staleSeconds and not longer, and nobody waits for it meanwhile', async () => {
    const keys = open({ refreshSeconds: 100, staleSeconds: 50 });
    await keys.find(kid(), 'ES256');
    issuer.outage();
    clock.advance(100_000);
    expect(await keys.find(kid(), 'ES256')).toEqual(FOUND);
    for (let second = 0; second < 49; second++) {
      clock.advance(1_000);
      expect(keys.find(kid(), 'ES256')).toEqual(FOUND);
    }
    await until(() => fetches() > 2, 'it is asked again in the background');
    clock.advance(1_000);
    expect(keys.touch()).toBe(false);
    expect(await keys.find(kid(), 'ES256')).toBe('keys_unavailable');
  });

  it('leaves no key good with staleSeconds 0', async () => {
    const keys = open({ refreshSeconds: 100, staleSeconds: 0 });
    await keys.find(kid(), 'ES256');
    issuer.outage();
    clock.advance(100_000);
    expect(await keys.find(kid(), 'ES256')).toBe('keys_unavailable');
  });

  it('leaves a set that was used up good for staleSeconds too', async () => {
    const keys = open({ strategy: 'usage', refreshUses: 2, backgroundAt: 1, staleSeconds: 50 });
    await keys.find(kid(), 'ES256');
    issuer.outage();
    expect(keys.touch() && keys.touch()).toBe(true);
    expect(await keys.find(kid(), 'ES256')).toEqual(FOUND);
    clock.advance(49_000);
    expect(keys.touch()).toBe(true);
    clock.advance(1_000);
    expect(keys.touch()).toBe(false);
  });

  it('is not asked by every request: after a failure comes a pause that grows to ten seconds', async () => {
    const keys = open();
    issuer.outage();
    expect(await keys.find(kid(), 'ES256')).toBe('keys_unavailable');
    expect(keys.find(kid(), 'ES256')).toBe('keys_unavailable');
    expect(fetches()).toBe(1);
    for (const [attempt, pause] of [1, 2, 4, 8, 10, 10].entries()) {
      expect(keys.retryAfterSeconds()).toBe(pause);
      clock.advance(pause * 1_000 - 1);
      expect(keys.find(kid(), 'ES256')).toBe('keys_unavailable');
      clock.advance(1);
      expect(await keys.find(kid(), 'ES256')).toBe('keys_unavailable');
      expect(fetches()).toBe(attempt + 2);
    }
    issuer.outage(false);
    clock.advance(10_000);
    expect(await keys.find(kid(), 'ES256')).toEqual(FOUND);
  });

  it('is told once, and once more when it is back, in words that hold no key', async () => {
    const keys = open();
    issuer.outage();
    for (let attempt = 0; attempt < 3; attempt++) {
      await keys.find(kid(), 'ES256');
      clock.advance(10_000);
    }
    issuer.outage(false);
    await keys.find(kid(), 'ES256');
    expect(reports).toEqual(['cannot be fetched: it answered 503', 'can be fetched again']);
  });

  it('cannot say whether a kid is unknown, so that such a token is no forgery yet', async () => {
    const keys = open();
    await keys.find(kid(), 'ES256');
    issuer.outage();
    expect(await keys.find('perhaps-new', 'ES256')).toBe('keys_unavailable');
    expect(keys.find('perhaps-new', 'ES256')).toBe('keys_unavailable');
    expect(keys.find(kid(), 'ES256')).toEqual(FOUND);
    expect(fetches()).toBe(2);
  });

  it('does not hold the answer up when the application closes', async () => {
    const keys = open();
    issuer.answerAfter(60_000);
    const found = keys.find(kid(), 'ES256');
    await until(() => fetches() === 1, 'the issuer is asked');
    keys.close();
    expect(await found).toBe('keys_unavailable');
    clock.advance(10_000);
    expect(await keys.find(kid(), 'ES256')).toBe('keys_unavailable');
    expect(fetches()).toBe(1);
    expect(reports).toEqual([]);
  });

  it.each<[string, RequestListener, RegExp]>([
    [
      'a redirect to another host',
      (_q, r) => r.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
      /302.*not followed/,
    ],
    ['a redirect to itself', (_q, r) => r.writeHead(307, { location: '/' }).end(), /307.*not followed/],
    ['no JSON', (_q, r) => r.end('<html>'), /not JSON/],
    ['no key set', (_q, r) => r.end('{"keys":"none"}'), /no key set/],
    ['an endless body', (_q, r) => endless(r), /more than 1048576 bytes/],
    ['a compressed body, which nobody asked for', (_q, r) => compressed(r), /not JSON/],
    ['half an answer', (_q, r) => halfAnswer(r), /connection/],
    ['nothing at all', (q) => void q.socket.destroy(), /connection failed \(ECONNRESET\)/],
    ['an empty page', (_q, r) => r.writeHead(204).end(), /204/],
  ])('answers with %s: the keys cannot be had, and the log says why', async (_what, listener, message) => {
    const keys = open({}, fixedLocation(await serve(listener)));
    expect(await keys.find('a', 'ES256')).toBe('keys_unavailable');
    expect(reports).toEqual([expect.stringMatching(message)]);
  });

  it('gets no more time for sending one byte after another', async () => {
    const url = await serve((_request, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    });
    const keys = open({}, fixedLocation(url), 300);
    expect(await keys.find('a', 'ES256')).toBe('keys_unavailable');
    expect(reports).toEqual(['cannot be fetched: it took too long']);
  });

  it('has one deadline, metadata and keys together', async () => {
    issuer.answerAfter(800);
    const keys = open({}, new DiscoveredLocation(issuer.issuer, clock.now), 1_400);
    const start = performance.now();
    expect(await keys.find(kid(), 'ES256')).toBe('keys_unavailable');
    expect(performance.now() - start).toBeGreaterThan(1_300);
    expect(fetches()).toBe(1);
    expect(reports).toEqual(['cannot be fetched: it took too long']);
  });
});

describe('discovery', () => {
  const discover = (name: string) => open({ refreshSeconds: 100 }, new DiscoveredLocation(name, clock.now));

  it('asks for the metadata once, and again after a day or when the keys are not where it said', async () => {
    const keys = discover(issuer.issuer);
    const asked = () => issuer.requestCount('/.well-known/openid-configuration');
    await keys.find(kid(), 'ES256');
    clock.advance(100_000);
    await keys.find(kid(), 'ES256');
    expect([asked(), fetches()]).toEqual([1, 2]);
    clock.advance(86_400_000);
    await keys.find(kid(), 'ES256');
    expect(asked()).toBe(2);
    issuer.outage();
    clock.advance(100_000);
    await keys.find(kid(), 'ES256');
    issuer.outage(false);
    clock.advance(100_000);
    keys.touch();
    await until(() => asked() === 3, 'the metadata is asked again');
  });

  it('asks RFC 8414 where there is no OpenID configuration, with the path behind the well-known part', async () => {
    const paths: string[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url!);
      if (request.url === '/.well-known/oauth-authorization-server/tenant/a') {
        response.end(JSON.stringify({ issuer: `${url}/tenant/a/`, jwks_uri: issuer.jwksUri }));
      } else response.writeHead(404).end();
    });
    expect(await discover(`${url}/tenant/a/`).find(kid(), 'ES256')).toEqual(FOUND);
    expect(paths).toEqual([
      '/tenant/a/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/tenant/a',
    ]);
  });

  it.each<[string, (url: string) => object | null]>([
    ['another issuer', () => ({ issuer: 'https://other.example.com', jwks_uri: 'JWKS' })],
    ['the issuer with a slash more', (url) => ({ issuer: `${url}/`, jwks_uri: 'JWKS' })],
    ['the issuer in other case', (url) => ({ issuer: url.toUpperCase(), jwks_uri: 'JWKS' })],
    ['no issuer', () => ({ jwks_uri: 'JWKS' })],
    ['a list of issuers', (url) => ({ issuer: [url], jwks_uri: 'JWKS' })],
    ['no keys', (url) => ({ issuer: url })],
    ['keys over plain http', (url) => ({ issuer: url, jwks_uri: 'http://keys.example.com/' })],
    ['keys in a file', (url) => ({ issuer: url, jwks_uri: 'file:///etc/passwd' })],
    ['keys behind a password', (url) => ({ issuer: url, jwks_uri: 'https://a:b@keys.example.com/' })],
    ['a list of key sets', (url) => ({ issuer: url, jwks_uri: ['JWKS'] })],
    ['nothing', () => null],
  ])('that answers with %s is not believed, and the keys are not asked for', async (_what, metadata) => {
    const url = await serve((_request, response) => {
      response.end(JSON.stringify(metadata(url)).replace('JWKS', issuer.jwksUri));
    });
    expect(await discover(url).find(kid(), 'ES256')).toBe('keys_unavailable');
    expect(fetches()).toBe(0);
    expect(reports).toEqual([expect.stringContaining('its metadata names')]);
  });
});

describe('the context of a request', () => {
  it('does not leak into the fetch that it caused, which would keep its store alive', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const keys = open(
      {},
      {
        resolve: () => {
          seen.push(storage.getStore());
          return Promise.resolve(issuer.jwksUri);
        },
        forget: () => undefined,
      },
    );
    await storage.run('a request', () => keys.find(kid(), 'ES256'));
    expect(seen).toEqual([undefined]);
  });
});

function endless(response: ServerResponse): void {
  while (!response.destroyed && response.write('x'.repeat(65_536)));
  response.once('drain', () => endless(response));
}

function compressed(response: ServerResponse): void {
  response.setHeader('content-encoding', 'gzip');
  response.end(gzipSync('{"keys":[]}'));
}

function halfAnswer(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 100 }).write('{"keys":');
  setImmediate(() => response.destroy());
}
