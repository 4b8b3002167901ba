import { randomUUID } from 'node:crypto';
import {
  MACHINE_OBJECT,
  NAMED,
  PERSON,
  TENANT,
  TEST_APP,
  TEST_SERVICE,
  type ProviderTokens,
} from './provider-tokens.js';

/** Identity services with claims of their own. */
export const IDENTITY_SERVICES: Readonly<Record<string, ProviderTokens>> = {
  // https://zitadel.com/docs/apis/openidoauth/claims
  zitadel: {
    human: () => ({ sub: '163840776835432705', client_id: '247001234567890123' }),
    m2m: () => ({ sub: '170848145649959169', client_id: TEST_SERVICE }),
  },
  // https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/tokens
  fusionauth: {
    human: (seconds) => ({
      sub: PERSON,
      applicationId: TENANT,
      authenticationType: 'PASSWORD',
      auth_time: seconds,
      email: NAMED.email,
      gty: ['authorization_code'],
      roles: ['user'],
      tid: TENANT,
    }),
    m2m: () => ({ sub: TEST_SERVICE, gty: ['client_credentials'], scope: 'orders:read', tid: TENANT }),
  },
  // https://supabase.com/docs/guides/auth/jwt-fields
  supabase: {
    human: () => ({
      sub: PERSON,
      role: 'authenticated',
      aal: 'aal1',
      session_id: randomUUID(),
      email: NAMED.email,
      is_anonymous: false,
    }),
    m2m: () => ({ role: 'service_role', ref: 'abcdefghijklmnopqrst' }),
  },
  // https://clerk.com/docs/backend-requests/resources/session-tokens
  clerk: {
    human: (seconds) => ({
      sub: 'user_1deJLArSTiWiF1YdsEWysnhJLLY',
      sid: 'sess_2vYVtest',
      azp: 'http://localhost:3000',
      v: 2,
      nbf: seconds,
    }),
    m2m: (seconds) => ({ sub: 'mch_2vYVtestTESTtestTESTtestTESTtest', scopes: 'mch_1xxxxx', nbf: seconds }),
  },
  // https://workos.com/docs/authkit/connect/token-claims
  workos: {
    human: () => ({ sub: 'user_01HBEQKA6K4QJAS93VPE39W1JT', sid: 'session_01HQAG1HENBZMAZD82YRXDFC0B' }),
    m2m: () => ({ sub: 'client_01HXYZ2C8J5W0D8YF1VJ7P0V6M', org_id: 'org_01HRDMC6CM357W30QMHMQ96Q0S' }),
  },
  // https://docs.kinde.com/machine-to-machine-applications/about-m2m/token-structure-and-claims-for-m2m-applications
  kinde: {
    human: () => ({ sub: 'kp_c3143a4b50ad43c88e541d9077681782', azp: TEST_APP, scp: ['openid', 'profile'] }),
    m2m: () => ({ azp: TEST_SERVICE, gty: ['client_credentials'], scope: 'read', scp: ['read'], v: '2' }),
  },
  // https://stytch.com/docs/api/session-jwt, https://stytch.com/docs/api/get-m2m-token
  stytch: {
    human: () => ({
      sub: 'user-test-d5a3b680-e8a3-40c0-b815-ab79986666d0',
      'https://stytch.com/session': { id: 'session-test-fe6c042b-6286-479f-8a4f-b046a6c46509' },
    }),
    m2m: () => ({ sub: 'm2m-client-test-d731954d-dab3-4a2b-bdee-07f3ad1be885', scope: 'read:users' }),
  },
  // https://developers.frontegg.com/ciam/guides/authentication/api-tokens
  frontegg: {
    human: () => ({ sub: PERSON, type: 'userToken', tenantId: TENANT, name: NAMED.name, email: NAMED.email }),
    m2m: () => ({ sub: MACHINE_OBJECT, type: 'tenantApiToken', tenantId: TENANT }),
  },
  // https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/application-token/
  'cloudflare-access': {
    human: () => ({ type: 'app', sub: PERSON, email: NAMED.email, identity_nonce: '6ei69kawdKzMIAPF', country: 'US' }),
    m2m: () => ({ type: 'app', sub: '', common_name: `${TEST_SERVICE}.access` }),
  },
};
