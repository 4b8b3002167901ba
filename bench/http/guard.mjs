// A bare application and the guard, nothing else: every request is verified and judged, most of them from the cache.
import { JwtAuthModule } from '../../dist/esm/jwt/index.js';
import { TestIssuer } from '../../dist/esm/testing/index.js';
import { claimsOf, dataController, moduleOf, serve, users } from './common.mjs';

const issuer = await TestIssuer.start();
const tokens = await Promise.all(users.map((id) => issuer.m2m('cognito', { ...claimsOf(id), aud: 'api' })));
const issuers = [{ issuer: issuer.issuer, audience: 'api' }];
await serve(
  moduleOf({ imports: [JwtAuthModule.forRoot({ isGlobal: true, issuers })], controllers: [dataController()] }),
  tokens,
);
