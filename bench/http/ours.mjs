// The whole stack of this package: JWT, one limit by caller, both header forms, audit of every request to a signed file chain,
// metrics; nothing excluded. PARTS (jwt, limit, audit, metrics, joined by commas) leaves the others out, to see what each costs.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthServicesModule, FileAuditSink, RateLimit } from '../../dist/esm/index.js';
import { JwtAuthModule } from '../../dist/esm/jwt/index.js';
import { TestIssuer } from '../../dist/esm/testing/index.js';
import { dataController, moduleOf, serve, tokensOf } from './common.mjs';

const parts = process.env.PARTS ? process.env.PARTS.split(',') : ['jwt', 'limit', 'audit', 'metrics'];
const has = (part) => parts.includes(part);
const { SITUATION, REDIS_PORT } = process.env;

const issuer = await TestIssuer.start();
const tokens = await tokensOf(issuer);
const directory = mkdtempSync(join(tmpdir(), 'bench-audit-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const signingKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
const ratchetKey = randomBytes(32);

async function storage() {
  if (REDIS_PORT === undefined) return { singleProcess: true };
  const { Redis } = await import('ioredis');
  const { RedisRateLimitStorage } = await import('../../dist/esm/redis/index.js');
  return { storage: new RedisRateLimitStorage(new Redis({ port: Number(REDIS_PORT), host: '127.0.0.1' })) };
}

const module = moduleOf({
  imports: [
    AuthServicesModule.forRoot({
      rateLimit: {
        default: { maxRequests: 1_000_000, windowSeconds: 60, name: 'data' },
        ...(await storage()),
      },
      audit: has('audit')
        ? { sinks: [new FileAuditSink({ directory, signingKey, ratchetKey })], excludePaths: [] }
        : { logToConsole: false },
      auditRequests: has('audit'),
      metrics: { allowAnonymous: true },
      metricsEndpoint: has('metrics') ? {} : false,
    }),
    ...(has('jwt')
      ? [
          JwtAuthModule.forRoot({
            isGlobal: true,
            issuers: [{ issuer: issuer.issuer, audience: 'api' }],
            ...(SITUATION === 'fresh' && { cache: false }),
          }),
        ]
      : []),
  ],
  controllers: [has('limit') ? dataController(RateLimit()) : dataController()],
});
await serve(module, tokens);
