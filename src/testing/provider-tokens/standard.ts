import { randomUUID } from 'node:crypto';
import { PERSON, TENANT, TEST_APP, TEST_SERVICE, type ProviderTokens } from './provider-tokens.js';

/** Servers whose access tokens follow RFC 9068, closely or loosely. */
export const STANDARD: Readonly<Record<string, ProviderTokens>> = {
  // https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2
  rfc9068: {
    typ: 'at+jwt',
    human: (seconds) => ({ sub: PERSON, client_id: TEST_APP, scope: 'openid profile', auth_time: seconds }),
    m2m: () => ({ sub: TEST_SERVICE, client_id: TEST_SERVICE, scope: 'read write' }),
  },
  // https://docs.pingidentity.com/pingone/auth/v1/api/
  ping: {
    human: (seconds) => ({
      client_id: TEST_APP,
      sub: PERSON,
      sid: randomUUID(),
      acr: 'Single_Factor',
      auth_time: seconds,
      scope: 'openid orders:read',
      env: TENANT,
      org: TENANT,
    }),
    m2m: () => ({ client_id: TEST_SERVICE, scope: 'orders:read', env: TENANT, org: TENANT }),
  },
  // https://www.ory.sh/docs/hydra/jwt-access-token
  hydra: {
    human: (seconds) => ({ client_id: TEST_APP, sub: PERSON, scp: ['openid', 'offline'], ext: {}, nbf: seconds }),
    m2m: (seconds) => ({
      client_id: TEST_SERVICE,
      sub: TEST_SERVICE,
      scp: ['orders.read'],
      ext: {},
      nbf: seconds,
    }),
  },
  // https://docs.duendesoftware.com/identityserver/tokens/
  duende: {
    typ: 'at+jwt',
    human: (seconds) => ({
      client_id: TEST_APP,
      sub: '123',
      auth_time: seconds,
      idp: 'local',
      amr: ['pwd'],
      sid: 'F2B2E0',
      scope: ['openid', 'read'],
      nbf: seconds,
    }),
    m2m: (seconds) => ({ client_id: TEST_SERVICE, scope: ['read'], nbf: seconds }),
  },
  // https://documentation.openiddict.com/guides/choosing-the-right-flow
  openiddict: {
    typ: 'at+jwt',
    human: () => ({ sub: PERSON, client_id: TEST_APP, oi_prst: TEST_APP, oi_tkn_id: TENANT, scope: 'openid api' }),
    m2m: () => ({ sub: TEST_SERVICE, client_id: TEST_SERVICE, oi_prst: TEST_SERVICE, oi_tkn_id: TENANT, scope: 'api' }),
  },
  // https://docs.spring.io/spring-authorization-server/reference/core-model-components.html
  spring: {
    human: (seconds) => ({ sub: 'anna', scope: ['openid', 'message.read'], nbf: seconds }),
    m2m: (seconds) => ({ sub: TEST_SERVICE, aud: TEST_SERVICE, scope: ['message.read'], nbf: seconds }),
  },
  // https://docs.logto.io/concepts/access-token
  logto: {
    typ: 'at+jwt',
    human: () => ({ sub: 'gk2z8user', client_id: TEST_APP, scope: 'openid read:orders' }),
    m2m: () => ({ sub: TEST_SERVICE, client_id: TEST_SERVICE, scope: 'read:orders' }),
  },
};
