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

/** The providers most people have. */
export const LARGE_PROVIDERS: Readonly<Record<string, ProviderTokens>> = {
  // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
  cognito: {
    human: (seconds) => ({
      sub: PERSON,
      client_id: TEST_APP,
      origin_jti: randomUUID(),
      event_id: randomUUID(),
      token_use: 'access',
      scope: 'openid profile',
      auth_time: seconds,
      username: 'anna',
      version: 2,
    }),
    m2m: (seconds) => ({
      sub: TEST_SERVICE,
      client_id: TEST_SERVICE,
      token_use: 'access',
      scope: 'api/read api/write',
      auth_time: seconds,
      version: 2,
    }),
  },
  // https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles
  auth0: {
    human: () => ({ sub: 'auth0|6553da60a54af58e29493993', azp: TEST_APP, scope: 'openid profile' }),
    m2m: () => ({
      sub: `${TEST_SERVICE}@clients`,
      azp: TEST_SERVICE,
      gty: 'client-credentials',
      scope: 'read:orders write:orders',
    }),
  },
  // https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/
  okta: {
    human: (seconds) => ({
      ver: 1,
      sub: 'anna@example.com',
      uid: '00u47ijy7sRLaeSdC0g7',
      cid: TEST_APP,
      scp: ['openid'],
      auth_time: seconds,
    }),
    m2m: () => ({ ver: 1, sub: TEST_SERVICE, cid: TEST_SERVICE, scp: ['orders.read'] }),
  },
  // https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
  entra: {
    human: (seconds) => ({
      ver: '2.0',
      tid: TENANT,
      oid: PERSON,
      sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
      azp: TEST_APP,
      azpacr: '0',
      scp: 'access_as_user',
      name: NAMED.name,
      preferred_username: NAMED.email,
      nbf: seconds,
    }),
    m2m: (seconds) => ({
      ver: '2.0',
      tid: TENANT,
      oid: MACHINE_OBJECT,
      sub: MACHINE_OBJECT,
      azp: TEST_SERVICE,
      azpacr: '1',
      idtyp: 'app',
      roles: ['Orders.Read'],
      nbf: seconds,
    }),
  },
  // https://learn.microsoft.com/azure/active-directory-b2c/tokens-overview
  'azure-b2c': {
    human: (seconds) => ({
      ver: '1.0',
      sub: PERSON,
      oid: PERSON,
      azp: TEST_APP,
      scp: 'read',
      tfp: 'B2C_1_signin',
      name: NAMED.name,
      nbf: seconds,
    }),
    m2m: (seconds) => ({
      ver: '2.0',
      tid: TENANT,
      oid: MACHINE_OBJECT,
      sub: MACHINE_OBJECT,
      azp: TEST_SERVICE,
      azpacr: '1',
      roles: ['app.read'],
      nbf: seconds,
    }),
  },
  // https://www.keycloak.org/docs/latest/server_admin/#_service_accounts
  keycloak: {
    human: (seconds) => ({
      sub: PERSON,
      typ: 'Bearer',
      azp: TEST_APP,
      sid: randomUUID(),
      acr: '1',
      auth_time: seconds,
      scope: 'openid profile email',
      realm_access: { roles: ['offline_access', 'uma_authorization'] },
      ...NAMED,
    }),
    m2m: () => ({
      sub: MACHINE_OBJECT,
      typ: 'Bearer',
      azp: TEST_SERVICE,
      acr: '1',
      scope: 'email profile',
      realm_access: { roles: ['offline_access', 'uma_authorization'] },
      email_verified: false,
      clientHost: '127.0.0.1',
      clientAddress: '127.0.0.1',
      client_id: TEST_SERVICE,
      preferred_username: `service-account-${TEST_SERVICE}`,
    }),
  },
  // https://developers.google.com/identity/openid-connect/openid-connect, https://cloud.google.com/docs/authentication/token-types
  google: {
    human: () => ({
      sub: '10769150350006150715113082367',
      azp: '1234987819200.apps.googleusercontent.com',
      hd: 'example.com',
      email: NAMED.email,
      email_verified: true,
      at_hash: 'HK6E_P6Dh8Y93mRNtsDB1Q',
    }),
    m2m: () => ({
      sub: '113774264463038321964',
      azp: '113774264463038321964',
      email: 'test-service@my-project.iam.gserviceaccount.com',
      email_verified: true,
    }),
  },
  // https://firebase.google.com/docs/auth/admin/verify-id-tokens
  firebase: {
    human: (seconds) => ({
      sub: 'uid1',
      user_id: 'uid1',
      auth_time: seconds,
      name: NAMED.name,
      email: NAMED.email,
      email_verified: true,
      firebase: { identities: { email: [NAMED.email] }, sign_in_provider: 'password' },
    }),
  },
};
