// The whole stack of this package: JWT, one limit by caller, both header forms, audit of every request to a file, metrics; nothing
// excluded. PARTS (jwt, limit, audit, metrics, joined by commas) leaves the others out, to see what each costs.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthServicesModule, FileAuditSink, RateLimit } from '../../dist/esm/index.js';
import { JwtAuthModule } from '../../dist/esm/jwt/index.js';
import { TestIssuer } from '../../dist/esm/testing/index.js';
import { claimsOf, dataController, moduleOf, serve, users } from './common.mjs';

const parts = process.env.PARTS ? process.env.PARTS.split(',') : ['jwt', 'limit', 'audit', 'metrics'];
const has = (part) => parts.includes(part);

const issuer = await TestIssuer.start();
const tokens = await Promise.all(users.map((id) => issuer.m2m('cognito', { ...claimsOf(id), aud: 'api' })));
const directory = mkdtempSync(join(tmpdir(), 'bench-audit-'));

const module = moduleOf({
  imports: [
    AuthServicesModule.forRoot({
      rateLimit: { default: { maxRequests: has('jwt') ? 1000 : 1_000_000, windowSeconds: 1 }, singleProcess: true },
      audit: has('audit') ? { sinks: [new FileAuditSink({ directory })], excludePaths: [] } : { logToConsole: false },
      auditRequests: has('audit'),
      metrics: { allowAnonymous: true },
      metricsEndpoint: has('metrics') ? {} : false,
    }),
    ...(has('jwt')
      ? [JwtAuthModule.forRoot({ isGlobal: true, issuers: [{ issuer: issuer.issuer, audience: 'api' }] })]
      : []),
  ],
  controllers: [has('limit') ? dataController(RateLimit()) : dataController()],
});
await serve(module, tokens);
