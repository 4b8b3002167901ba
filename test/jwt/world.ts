// An application that trusts three issuers, an attacker with a server, and somebody who watches all connections.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import {
  Body,
  Controller,
  Get,
  Global,
  Module,
  Post,
  Req,
  UseGuards,
  type LoggerService,
  type Type,
} from '@nestjs/common';
import { AuthEvents } from '../../src/events/auth-events.js';
import type { AuthEvent } from '../../src/events/auth-event.js';
import { AllowAnonymous, JwtAuthGuard, JwtAuthModule, type JwtAuthOptions, type JwtUser } from '../../src/jwt/index.js';
import { TestIssuer } from '../../src/testing/test-issuer.js';
import { startApp, type Adapter, type RunningApp } from '../support/app.js';
import type { World } from './attacks/attack.js';
import { forge, rsaSigner, seconds, testKey } from './forging.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Headers in pairs, so that one can be there twice. */
export type RawHeaders = readonly (readonly [string, string])[];

@Controller()
export class Routes {
  @UseGuards(JwtAuthGuard)
  @Get('me')
  me(@Req() { user }: { user: JwtUser }): JwtUser {
    return user;
  }

  @UseGuards(JwtAuthGuard)
  @Post('me')
  post(@Body() _body: unknown, @Req() { user }: { user: JwtUser }): string {
    return user.id;
  }

  @AllowAnonymous()
  @UseGuards(JwtAuthGuard)
  @Get('open')
  open(@Req() { user }: { user?: JwtUser }): object {
    return { caller: user?.id ?? null };
  }

  @UseGuards(JwtAuthGuard, JwtAuthGuard)
  @Get('twice')
  twice(@Req() { user }: { user: JwtUser }): string {
    return user.id;
  }
}

/** What AuthServicesModule provides for the guard, without the rest of it. */
@Global()
@Module({ providers: [{ provide: AuthEvents, useFactory: () => new AuthEvents() }], exports: [AuthEvents] })
export class EventsModule {}

export function appWith(options: JwtAuthOptions, controllers: Type[] = [Routes]): Type {
  @Module({ imports: [EventsModule, JwtAuthModule.forRoot(options)], controllers })
  class App {}
  return App;
}

/** Keeps every line that the application logs. */
export class Lines implements LoggerService {
  readonly lines: string[] = [];
  private readonly keep = (...parts: unknown[]): void => void this.lines.push(parts.map(String).join(' '));
  log = this.keep;
  warn = this.keep;
  error = this.keep;
  debug = this.keep;
  verbose = this.keep;
  fatal = this.keep;
}

export class Arena {
  private constructor(
    readonly world: World,
    readonly issuer: TestIssuer,
    readonly other: TestIssuer,
    readonly running: RunningApp,
    readonly log: Lines,
    readonly events: AuthEvent[],
    /** Every host and port that this process has connected to. */
    readonly hosts: Set<string>,
    private readonly closing: () => Promise<void>,
    readonly evilRequests: () => number,
  ) {}

  static async open(adapter: Adapter, options: Partial<JwtAuthOptions> = {}): Promise<Arena> {
    const [issuer, other] = [await TestIssuer.start(), await TestIssuer.start()];
    let evilRequests = 0;
    const evilKey = testKey('rsa', 'evil');
    const evilServer = createServer((_request, response) => {
      evilRequests++;
      response.end(JSON.stringify({ issuer: evil, jwks_uri: `${evil}/jwks`, keys: [evilKey.jwk] }));
    });
    await new Promise<void>((resolve) => evilServer.listen(0, '127.0.0.1', resolve));
    const evil = `http://127.0.0.1:${(evilServer.address() as AddressInfo).port}`;

    const keys = makeKeys();
    const secret = randomBytes(32);
    issuer.publishKeys([...keys.published, { kty: 'oct', kid: 'symmetric', k: 'AAAA', alg: 'HS256' }]);
    const otherKey = testKey('rsa', 'other', { alg: 'RS256', use: 'sig' });
    const otherTwin = testKey('rsa', keys.rsa.kid, { alg: 'RS256', use: 'sig' });
    other.publishKeys([otherKey.jwk, otherTwin.jwk]);

    const hosts = new Set<string>();
    // Below every client there is, whatever it is called; also for connections that fail.
    const watch = (message: unknown): void => {
      const { socket } = message as { socket: Socket };
      socket.on('connectionAttempt', (ip: string, port: number) => hosts.add(`${ip}:${port}`));
    };
    subscribe('net.client.socket', watch);

    const log = new Lines();
    const app = appWith({
      issuers: [
        { issuer: issuer.issuer, audience: 'api' },
        { issuer: other.issuer, audience: 'api', jwksUri: other.jwksUri },
        { issuer: 'https://secret.example.com', audience: 'api', secret, algorithms: ['HS256'] },
      ],
      // Below what Node's own limit of 16 kilobytes for all headers lets through.
      maxTokenBytes: 12_000,
      ...options,
    });
    const running = await startApp(adapter, app, { logger: log });
    const events: AuthEvent[] = [];
    running.app.get(AuthEvents).subscribe((event) => events.push(event));

    const iss = issuer.issuer;
    const good = (): Promise<string> => {
      const claims = {
        iss,
        sub: 'anna',
        aud: 'api',
        iat: seconds(),
        exp: seconds() + 600,
        jti: randomBytes(8).toString('hex'),
      };
      return Promise.resolve(forge({ alg: 'RS256', typ: 'JWT', kid: keys.rsa.kid }, claims, keys.rsa.sign));
    };
    const world: World = {
      ...keys,
      good,
      iss,
      otherIss: other.issuer,
      otherKey,
      otherTwin,
      secretIss: 'https://secret.example.com',
      secret,
      evil,
      evilKey,
    };
    const closing = async (): Promise<void> => {
      unsubscribe('net.client.socket', watch);
      await running.close();
      evilServer.closeAllConnections();
      evilServer.close();
      await Promise.all([issuer.stop(), other.stop()]);
    };
    return new Arena(world, issuer, other, running, log, events, hosts, closing, () => evilRequests);
  }

  close(): Promise<void> {
    return this.closing();
  }

  ask(path: string, headers: RawHeaders = [], body?: string): Promise<Answer> {
    const all: [string, string][] = [
      ['Host', `127.0.0.1:${this.running.port}`],
      ...headers.map(([n, v]) => [n, v] as [string, string]),
    ];
    if (body !== undefined) all.push(['Content-Length', String(Buffer.byteLength(body))]);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: this.running.port,
          path,
          method: body === undefined ? 'GET' : 'POST',
          agent: false,
          headers: all.flat() as never,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  withToken(token: string, path = '/me'): Promise<Answer> {
    return this.ask(path, [['Authorization', `Bearer ${token}`]]);
  }
}

function makeKeys() {
  const rsa = rsaKey('rsa', { alg: 'RS256', use: 'sig' });
  const ec = testKey('ec', 'ec', { use: 'sig' });
  // A second one, so that a token without kid could mean either.
  const ec2 = testKey('ec', 'ec-2', { use: 'sig' });
  const ed = testKey('ed25519', 'ed', { use: 'sig' });
  const encryption = testKey('rsa', 'encryption', { use: 'enc' });
  const weak = testKey('rsa', 'weak', { use: 'sig', alg: 'RS256' }, 1024);
  const pss = rsaKey('pss', { use: 'sig' });
  const cube = rsaKey('cube', { use: 'sig', alg: 'RS256' }, 3);
  const published = [rsa, ec, ec2, ed, pss, cube, encryption, weak].map(({ jwk }) => jwk);
  return { rsa, ec, ed, pss, cube, encryption, weak, published };
}

function rsaKey(kid: string, extra: object, publicExponent = 65_537) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, ...extra };
  return { kid, publicKey, privateKey, jwk, sign: rsaSigner(privateKey, 'sha256') };
}
