// What a team assembles by hand today: passport-jwt, jwks-rsa, @nestjs/throttler, pino-http and prom-client, as their READMEs say.
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import jwksRsa from 'jwks-rsa';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { pino } from 'pino';
import { pinoHttp } from 'pino-http';
import { Counter, Histogram } from 'prom-client';
import { tap } from 'rxjs';
import { claimsOf, dataController, moduleOf, serve, users } from './common.mjs';

const { publicKey, privateKey } = await generateKeyPair('RS256');
const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] });
const jwks = createServer((_request, response) => response.end(keys)).listen(0, '127.0.0.1');
await new Promise((resolve) => jwks.once('listening', resolve));
const issuer = `http://127.0.0.1:${jwks.address().port}/`;
const sign = (id) =>
  new SignJWT(claimsOf(id))
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(issuer)
    .setAudience('api')
    .setIssuedAt()
    .setExpirationTime('2h')
    .sign(privateKey);

class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      issuer,
      audience: 'api',
      algorithms: ['RS256'],
      secretOrKeyProvider: jwksRsa.passportJwtSecret({
        cache: true,
        rateLimit: true,
        jwksRequestsPerMinute: 10,
        jwksUri: `${issuer}jwks`,
      }),
    });
  }
  validate(payload) {
    return { id: payload.sub, ...payload };
  }
}
Injectable()(JwtStrategy);

const requests = new Counter({ name: 'auth_requests_total', help: 'requests', labelNames: ['outcome'] });
const duration = new Histogram({ name: 'auth_request_seconds', help: 'duration', labelNames: ['outcome'] });
class MetricsInterceptor {
  intercept(_context, next) {
    const end = duration.startTimer();
    const record = (outcome) => {
      requests.inc({ outcome });
      end({ outcome });
    };
    return next.handle().pipe(tap({ next: () => record('ok'), error: () => record('error') }));
  }
}
Injectable()(MetricsInterceptor);

/** Its counts in Redis, where the situation wants that: by the storage that most Nest applications use. */
async function storage() {
  const { REDIS_PORT } = process.env;
  if (REDIS_PORT === undefined) return {};
  const { ThrottlerStorageRedisService } = await import('@nest-lab/throttler-storage-redis');
  return { storage: new ThrottlerStorageRedisService({ port: Number(REDIS_PORT), host: '127.0.0.1' }) };
}

const module = moduleOf({
  imports: [
    PassportModule.register({ defaultStrategy: 'jwt' }),
    ThrottlerModule.forRoot({
      throttlers: [{ ttl: 60_000, limit: 1e9 }],
      getTracker: (request) => request.user?.id ?? request.ip,
      ...(await storage()),
    }),
  ],
  controllers: [dataController()],
  providers: [
    JwtStrategy,
    { provide: APP_GUARD, useClass: AuthGuard('jwt') },
    { provide: APP_GUARD, useClass: ThrottlerGuard },
    { provide: APP_INTERCEPTOR, useClass: MetricsInterceptor },
  ],
});
const folder = mkdtempSync(join(tmpdir(), 'bench-log-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const log = join(folder, 'requests.log');
const logger = pino({}, pino.destination({ dest: log, sync: false }));
await serve(module, await Promise.all(users.map(sign)), (app) => app.use(pinoHttp({ logger })));
