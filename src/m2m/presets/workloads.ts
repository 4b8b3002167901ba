import { has, objectClaim } from '../claims-reader.js';
import { isKubernetesServiceAccount, isPipelineRun, isSpiffeId } from '../subject-patterns.js';
import { issuerHas, type Preset } from './preset.js';

/*
 * Platforms on which something runs. Their tokens name no OAuth client.
 */

const NO_CLIENT: readonly string[] = [];

export const kubernetes: Preset = {
  name: 'kubernetes',
  title: 'Kubernetes service accounts (also EKS, GKE, AKS)',
  sources: ['https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/'],
  clientIdClaims: NO_CLIENT,
  rules: [
    {
      name: 'service-account',
      kind: 'm2m',
      when: ({ subject }) => subject !== undefined && isKubernetesServiceAccount(subject),
      words: 'the subject is a service account',
    },
  ],
  looksLike: ({ claims }) => objectClaim(claims, 'kubernetes.io') !== undefined,
};

export const spiffe: Preset = {
  name: 'spiffe',
  title: 'SPIFFE JWT-SVID (SPIRE, Istio and others)',
  sources: ['https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md'],
  clientIdClaims: NO_CLIENT,
  rules: [
    {
      name: 'spiffe-id',
      kind: 'm2m',
      when: ({ subject }) => subject !== undefined && isSpiffeId(subject),
      words: 'the subject is a SPIFFE ID',
    },
  ],
  looksLike: ({ subject }) => subject?.startsWith('spiffe://') === true,
};

export const githubActions: Preset = {
  name: 'github-actions',
  title: 'GitHub Actions',
  sources: [
    'https://docs.github.com/en/actions/concepts/security/openid-connect',
    'https://docs.github.com/en/actions/reference/security/oidc',
  ],
  clientIdClaims: NO_CLIENT,
  rules: [
    {
      name: 'workflow-run',
      kind: 'm2m',
      // The subject can be customised; the claims of the run stay.
      when: ({ claims, subject }) =>
        (subject !== undefined && isPipelineRun(subject)) || (has(claims, 'repository') && has(claims, 'run_id')),
      words: 'a workflow run, whoever started it',
    },
  ],
  looksLike: issuerHas('token.actions.githubusercontent.com'),
};

export const gitlab: Preset = {
  name: 'gitlab',
  title: 'GitLab CI/CD',
  sources: ['https://docs.gitlab.com/ci/secrets/id_token_authentication/'],
  clientIdClaims: NO_CLIENT,
  rules: [
    {
      name: 'job',
      kind: 'm2m',
      when: ({ claims }) => has(claims, 'job_id') && (has(claims, 'pipeline_id') || has(claims, 'project_path')),
      words: 'a job, whoever started it',
    },
  ],
  looksLike: ({ claims }) => has(claims, 'project_path') && has(claims, 'job_id'),
};
