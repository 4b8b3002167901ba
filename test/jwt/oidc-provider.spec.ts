// Real: tokens of oidc-provider, got over HTTP as a service and as a person in a browser would; both frameworks; the whole
// module. Faked: the verifier's clock, which can be set forward so that nobody has to wait for ten minutes.
import { Controller, Get, Module } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuthEvents } from '../../src/events/auth-events.js';
import { AuthServicesModule, CurrentCaller, HumanOnly, M2MOnly, type Caller } from '../../src/index.js';
import { JwtAuthModule, TokenVerifier, type JwtIssuer, type RefusalCategory } from '../../src/jwt/index.js';
import { M2MTokenDetector } from '../../src/m2m/m2m-token-detector.js';
import { ADAPTERS, startApp, until, type RunningApp } from '../support/app.js';
import { OidcIssuer, RESOURCE, type SignedIn } from '../support/oidc-issuer.js';

@Controller()
class Orders {
  @Get('me') me(@CurrentCaller() { kind, userId, clientId }: Caller): object {
    return { kind, userId, clientId };
  }
  @Get('people') @HumanOnly() people(): string {
    return 'people';
  }
  @Get('machines') @M2MOnly() machines(): string {
    return 'machines';
  }
  @Get('billing') @M2MOnly({ clientIds: ['billing'], scopes: ['orders:write'] }) billing(): string {
    return 'billing';
  }
}

const payloadOf = (token: string): object =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as object;

describe.each(ADAPTERS)('tokens of oidc-provider on %s', (adapter) => {
  const algorithm = adapter === 'express' ? 'RS256' : 'ES256';
  let issuer: OidcIssuer;
  let app: RunningApp;
  let machine: string;
  let person: SignedIn;
  let aheadMs = 0;
  const refused: string[] = [];

  beforeAll(async () => {
    issuer = await OidcIssuer.start(algorithm);
    @Module({
      imports: [
        JwtAuthModule.forRoot({
          isGlobal: true,
          issuers: [{ issuer: issuer.url, audience: RESOURCE, typ: ['at+jwt'] }],
          now: () => Date.now() + aheadMs,
        }),
        AuthServicesModule.forRoot({
          // Its access tokens follow RFC 9068, where the subject of a machine is its client id.
          m2m: { issuers: { [issuer.url]: 'rfc9068' } },
          audit: { logToConsole: false },
        }),
      ],
      controllers: [Orders],
    })
    class App {}
    app = await startApp(adapter, App);
    app.app.get(AuthEvents).subscribe((event) => {
      if (event.type === 'token.refused') refused.push(event.category);
    });
    [machine, person] = [await issuer.clientCredentials(), await issuer.authorizationCode('anna')];
  });
  afterAll(async () => {
    await app?.close();
    await issuer?.stop();
  });

  const get = async (path: string, token: string) => {
    const response = await fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
    const text = await response.text();
    return {
      status: response.status,
      body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : text,
    };
  };
  const status = async (path: string, token: string): Promise<number> => (await get(path, token)).status;

  it('are a machine for client credentials and a person for an authorization code', async () => {
    expect(await get('/me', machine)).toEqual({ status: 200, body: { kind: 'm2m', clientId: 'billing' } });
    expect(await get('/me', person.accessToken)).toEqual({
      status: 200,
      body: { kind: 'human', userId: 'anna', clientId: 'shop' },
    });
  });

  it('open the routes for their kind, and get a 403 from the others', async () => {
    const paths = ['/people', '/machines', '/billing'];
    const statuses = (token: string) => Promise.all(paths.map((path) => status(path, token)));
    expect(await statuses(machine)).toEqual([403, 200, 200]);
    expect(await statuses(person.accessToken)).toEqual([200, 403, 403]);
    expect((await get('/people', machine)).body).toMatchObject({ code: 'human_only' });
    expect((await get('/machines', person.accessToken)).body).toMatchObject({ code: 'm2m_only' });
  });

  it('are never taken for a machine without a preset when they are a person: unknown at worst', () => {
    const neutral = new M2MTokenDetector();
    expect(neutral.classify(payloadOf(machine)).kind).toBe('m2m');
    expect(neutral.classify(payloadOf(person.accessToken)).kind).toBe('unknown');
    expect(neutral.isM2MToken(payloadOf(person.idToken))).toBe(false);
  });

  it('are no access token if they are an id token: not for its audience, and not for its type', async () => {
    refused.length = 0;
    expect(await status('/me', person.idToken)).toBe(401);
    expect(refused).toEqual(['type']);

    const categoryWith = async (options: Omit<JwtIssuer, 'issuer'>): Promise<RefusalCategory | 'accepted'> => {
      const verifier = new TokenVerifier({ issuers: [{ issuer: issuer.url, ...options }] }, new M2MTokenDetector());
      const decision = await verifier.verify(person.idToken);
      verifier.close();
      return decision.accepted ? 'accepted' : decision.category;
    };
    expect(await categoryWith({ audience: RESOURCE })).toBe('audience');
    // Whoever accepts the client's own id as audience needs the type to tell them apart.
    expect(await categoryWith({ audience: [RESOURCE, 'shop'], typ: ['at+jwt'] })).toBe('type');
    expect(await categoryWith({ audience: [RESOURCE, 'shop'] })).toBe('accepted');
  });

  it('all pass while the keys are exchanged under running requests and the old ones stay published', async () => {
    const before = issuer.requestCount('/jwks');
    const old = [machine, person.accessToken];
    const statuses: number[] = [];
    const stop = new AbortController();
    const worker = async (token: () => string | Promise<string>): Promise<void> => {
      while (!stop.signal.aborted) statuses.push(await status('/me', await token()));
    };
    const workers = [
      ...old.map((token) => worker(() => token)),
      worker(() => issuer.clientCredentials()),
      worker(() => issuer.clientCredentials()),
    ];
    for (let rotation = 0; rotation < 3; rotation++) {
      await issuer.rotate();
      // Each new key is found by the first token that it has signed.
      await until(() => issuer.requestCount('/jwks') - before === rotation + 1, 'the new key is fetched');
      const seen = statuses.length;
      await until(() => statuses.length > seen + 40, 'requests of old and new tokens are answered');
    }
    stop.abort();
    await Promise.all(workers);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await status('/me', (await issuer.authorizationCode('berta')).accessToken)).toBe(200);
    expect(issuer.requestCount('/jwks') - before).toBe(3);
  });

  it('are refused once their key is withdrawn, also those that were verified a moment ago', async () => {
    const fresh = await issuer.clientCredentials();
    expect(await Promise.all([machine, person.accessToken, fresh].map((token) => status('/me', token)))).toEqual([
      200, 200, 200,
    ]);
    await issuer.withdrawOldKeys();
    // Past refreshSeconds, and long before the tokens expire.
    aheadMs = 601_000;
    refused.length = 0;
    expect(await status('/me', machine)).toBe(401);
    expect(await status('/me', person.accessToken)).toBe(401);
    expect(refused).toEqual(['key', 'key']);
    expect(await status('/me', fresh)).toBe(200);
  });

  it('are refused at once when a token of the next key brings the set without the old one in', async () => {
    // The tokens of the withdrawn keys have asked for the set: unknown kids may do so again after 30 seconds.
    aheadMs = 632_000;
    const old = await issuer.clientCredentials();
    expect(await status('/me', old)).toBe(200);
    await issuer.rotate();
    await issuer.withdrawOldKeys();
    expect(await status('/me', old)).toBe(200);
    expect(await status('/me', await issuer.clientCredentials())).toBe(200);
    refused.length = 0;
    expect(await status('/me', old)).toBe(401);
    expect(refused).toEqual(['key']);
  });

  it('expire when they say so, verified before or not', async () => {
    const token = await issuer.clientCredentials();
    expect(await status('/me', token)).toBe(200);
    aheadMs = 3_601_000;
    refused.length = 0;
    expect(await status('/me', token)).toBe(401);
    expect(refused).toEqual(['expired_token']);
  });
});
