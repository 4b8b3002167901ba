import { MACHINE_OBJECT, TEST_SERVICE, type ProviderTokens } from './provider-tokens.js';

/** Platforms on which something runs: they issue no tokens for people. */
export const WORKLOADS: Readonly<Record<string, ProviderTokens>> = {
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
