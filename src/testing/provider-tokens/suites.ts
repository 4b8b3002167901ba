import { MACHINE_OBJECT, NAMED, PERSON, TEST_APP, TEST_SERVICE, type ProviderTokens } from './provider-tokens.js';

/** Identity parts of larger suites. */
export const SUITES: Readonly<Record<string, ProviderTokens>> = {
  // https://is.docs.wso2.com/en/latest/references/token-types/
  wso2: {
    typ: 'at+jwt',
    human: (seconds) => ({
      sub: PERSON,
      aut: 'APPLICATION_USER',
      client_id: TEST_APP,
      azp: TEST_APP,
      scope: 'openid profile',
      username: 'anna',
      nbf: seconds,
    }),
    m2m: (seconds) => ({
      sub: TEST_SERVICE,
      aut: 'APPLICATION',
      client_id: TEST_SERVICE,
      azp: TEST_SERVICE,
      scope: 'read',
      nbf: seconds,
    }),
  },
  // https://docs.oracle.com/en-us/iaas/Content/Identity/api-getstarted/AccessToken.htm
  oracle: {
    human: () => ({
      sub: NAMED.email,
      sub_type: 'user',
      sub_mappingattr: 'userName',
      user_id: PERSON,
      client_id: TEST_APP,
      scope: 'openid orders',
    }),
    m2m: () => ({
      sub: TEST_SERVICE,
      sub_type: 'client',
      sub_mappingattr: 'userName',
      client_id: TEST_SERVICE,
      scope: 'orders',
    }),
  },
  // https://cloud.ibm.com/docs/account?topic=account-iamtoken_from_apikey
  'ibm-cloud': {
    human: () => ({
      sub: NAMED.email,
      iam_id: 'IBMid-270003GUSX',
      given_name: 'Anna',
      family_name: 'Example',
      email: NAMED.email,
      scope: 'ibm openid',
      client_id: 'default',
    }),
    m2m: () => ({
      sub: `ServiceId-${MACHINE_OBJECT}`,
      sub_type: 'ServiceId',
      iam_id: `iam-ServiceId-${MACHINE_OBJECT}`,
      name: TEST_SERVICE,
      scope: 'ibm openid',
      client_id: 'default',
    }),
  },
  // https://docs.cloudfoundry.org/api/uaa/
  sap: {
    human: () => ({
      sub: PERSON,
      user_id: PERSON,
      user_name: 'anna',
      email: NAMED.email,
      client_id: TEST_APP,
      cid: TEST_APP,
      azp: TEST_APP,
      grant_type: 'authorization_code',
      scope: ['openid', 'orders.read'],
    }),
    m2m: () => ({
      sub: TEST_SERVICE,
      client_id: TEST_SERVICE,
      cid: TEST_SERVICE,
      azp: TEST_SERVICE,
      grant_type: 'client_credentials',
      rev_sig: 'e9a1b2c3',
      scope: ['orders.read'],
    }),
  },
  // https://docs.pingidentity.com/pingam/7.5/oauth2-guide/oauth2-client-cred-grant.html
  pingam: {
    human: (seconds) => ({
      sub: `(usr!${PERSON})`,
      subname: PERSON,
      cts: 'OAUTH2_STATELESS_GRANT',
      grant_type: 'authorization_code',
      auth_time: seconds,
      scope: ['openid', 'write'],
      nbf: seconds,
    }),
    m2m: (seconds) => ({
      sub: `(age!${TEST_SERVICE})`,
      subname: TEST_SERVICE,
      cts: 'OAUTH2_STATELESS_GRANT',
      grant_type: 'client_credentials',
      scope: ['write'],
      nbf: seconds,
    }),
  },
  // https://docs.goauthentik.io/add-secure-apps/providers/oauth2/machine_to_machine/
  authentik: {
    human: (seconds) => ({
      sub: 'c5f2a1d0b7',
      azp: TEST_APP,
      auth_time: seconds,
      amr: ['pwd'],
      sid: MACHINE_OBJECT,
      scope: 'openid profile',
      ...NAMED,
    }),
    m2m: () => ({
      sub: '8d7e6f5a4b',
      azp: TEST_SERVICE,
      scope: 'orders',
      preferred_username: `ak-${TEST_SERVICE}-client_credentials`,
    }),
  },
};
