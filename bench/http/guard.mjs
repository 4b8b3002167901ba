// A bare application and the guard, nothing else: every request is verified and judged, most of them from the cache.
import { JwtAuthModule } from '../../dist/esm/jwt/index.js';
import { TestIssuer } from '../../dist/esm/testing/index.js';
import { dataController, moduleOf, serve, tokensOf } from './common.mjs';

const issuer = await TestIssuer.start();
const tokens = await tokensOf(issuer);
const issuers = [{ issuer: issuer.issuer, audience: 'api' }];
await serve(
  moduleOf({ imports: [JwtAuthModule.forRoot({ isGlobal: true, issuers })], controllers: [dataController()] }),
  tokens,
);
