import { randomUUID } from 'node:crypto';

/**
 * The audience of every token unless the claims say otherwise, also of providers whose access tokens have none, so that one
 * `audience: 'api'` takes all of them. Spring's machines are their own audience: that is how they are known.
 */
export const TEST_AUDIENCE = 'api';
/** The client that the person signed in with. */
export const TEST_APP = 'test-app';
/** The machine. */
export const TEST_SERVICE = 'test-service';

type Claims = Readonly<Record<string, unknown>>;

export interface ProviderTokens {
  /** Absent where the provider issues no tokens for people, or none for machines. */
  readonly human?: (seconds: number) => Claims;
  readonly m2m?: (seconds: number) => Claims;
  /** The header's `typ`. @default 'JWT' */
  readonly typ?: string;
}

const PERSON = '8f14e45f-ceea-467a-9d6e-8b1c2a3d4e5f';
const NAMED = { name: 'Anna Example', preferred_username: 'anna', email: 'anna@example.com', email_verified: true };
const TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';
const MACHINE_OBJECT = '22223333-cccc-4444-dddd-5555eeee6666';

/**
 * What each provider puts into an access token, beside `iss`, `iat`, `exp`, `jti` and `aud`, as its documentation shows it. The
 * names are those of the presets of `m2m.provider`.
 */
export const PROVIDER_TOKENS: Readonly<Record<string, ProviderTokens>> = {
  // https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2
  rfc9068: {
    typ: 'at+jwt',
    human: (seconds) => ({ sub: PERSON, client_id: TEST_APP, scope: 'openid profile', auth_time: seconds }),
    m2m: () => ({ sub: TEST_SERVICE, client_id: TEST_SERVICE, scope: 'read write' }),
  },
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
  // https://docs.spring.io/spring-authorization-server/reference/core-model-components.html
  spring: {
    human: (seconds) => ({ sub: 'anna', scope: ['openid', 'message.read'], nbf: seconds }),
    m2m: (seconds) => ({ sub: TEST_SERVICE, aud: TEST_SERVICE, scope: ['message.read'], nbf: seconds }),
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
  // https://docs.logto.io/concepts/access-token
  logto: {
    typ: 'at+jwt',
    human: () => ({ sub: 'gk2z8user', client_id: TEST_APP, scope: 'openid read:orders' }),
    m2m: () => ({ sub: TEST_SERVICE, client_id: TEST_SERVICE, scope: 'read:orders' }),
  },
  // https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
  kubernetes: {
    m2m: (seconds) => ({
      sub: `system:serviceaccount:default:${TEST_SERVICE}`,
      'kubernetes.io': {
        namespace: 'default',
        pod: { name: 'test-service-0', uid: MACHINE_OBJECT },
        serviceaccount: { name: TEST_SERVICE, uid: MACHINE_OBJECT },
      },
      nbf: seconds,
    }),
  },
  // https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md
  spiffe: { m2m: () => ({ sub: `spiffe://example.org/ns/prod/sa/${TEST_SERVICE}` }) },
  // https://docs.github.com/actions/reference/security/oidc
  'github-actions': {
    m2m: (seconds) => ({
      sub: 'repo:octo-org/octo-repo:ref:refs/heads/main',
      ref: 'refs/heads/main',
      repository: 'octo-org/octo-repo',
      repository_owner: 'octo-org',
      repository_id: '74',
      run_id: '1',
      actor: 'octocat',
      workflow: 'example-workflow',
      job_workflow_ref: 'octo-org/octo-repo/.github/workflows/oidc.yml@refs/heads/main',
      runner_environment: 'github-hosted',
      event_name: 'push',
      nbf: seconds,
    }),
  },
  // https://docs.gitlab.com/ci/secrets/id_token_authentication/
  gitlab: {
    m2m: (seconds) => ({
      sub: 'project_path:my-group/my-project:ref_type:branch:ref:main',
      namespace_id: '72',
      namespace_path: 'my-group',
      project_id: '20',
      project_path: 'my-group/my-project',
      user_login: 'anna',
      user_email: 'anna@example.com',
      pipeline_id: '574',
      pipeline_source: 'push',
      job_id: '302',
      ref: 'main',
      ref_type: 'branch',
      runner_environment: 'self-hosted',
      nbf: seconds - 5,
    }),
  },
};
