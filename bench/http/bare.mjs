// A bare Nest application: what everything else is measured against. It is sent the same requests, tokens and all.
import { TestIssuer } from '../../dist/esm/testing/index.js';
import { dataController, moduleOf, serve, tokensOf } from './common.mjs';

const issuer = await TestIssuer.start();
const tokens = await tokensOf(issuer);
await issuer.stop();
await serve(moduleOf({ controllers: [dataController()] }), tokens);
