import type { JwtClaims } from '../../request/claims.js';
import { asClaims, claim, has, objectClaim, textClaim } from '../claims-reader.js';
import * as pattern from '../subject-patterns.js';
import { isCloudflareServiceToken } from './cloudflare.js';
import { subject, type Rule } from './rule.js';

const allOf = (claims: JwtClaims, names: readonly string[]): boolean => names.every((name) => has(claims, name));

/** What says whose token it is. Pipelines name the user who started them otherwise, if at all. */
const OWNER: readonly string[] = [
  ...['email', 'preferred_username', 'username', 'user_name', 'user_uuid', 'upn', 'unique_name'],
];

/**
 * A claim set that only a workload has: `first` and the others together. Names of claims are free for anybody to use,
 * so that a token with a user's own name in it is not believed.
 */
function claimSet(platform: string, source: string, first: string, ...others: readonly string[]): Rule {
  return {
    name: `${platform}-workload`,
    says: 'machine',
    claims: [first],
    when: (value, { claims }) => value !== '' && allOf(claims, others) && !OWNER.some((name) => has(claims, name)),
    words: 'the claims of a pipeline run or workload',
    source,
  };
}

/** Step 3, workloads: CI jobs, pods, instances. A person may have started them; the subject is the run. */
export const workloadRules: readonly Rule[] = [
  {
    name: 'spiffe-id',
    says: 'machine',
    claims: ['sub'],
    begins: ['spiffe://'],
    when: subject(pattern.isSpiffeId),
    words: 'the subject is a SPIFFE ID',
    source: 'https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md',
  },
  {
    name: 'wimse-id',
    says: 'machine',
    claims: ['sub'],
    begins: ['wimse://'],
    when: subject(pattern.isWimseId),
    words: 'the subject is a WIMSE workload identifier',
    source: 'https://datatracker.ietf.org/doc/draft-ietf-wimse-identifier/',
  },
  {
    name: 'kubernetes-subject',
    says: 'machine',
    claims: ['sub'],
    begins: ['system:serviceaccount:'],
    when: subject(pattern.isKubernetesServiceAccount),
    words: 'the subject is a Kubernetes service account',
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/',
  },
  {
    name: 'kubernetes-claims',
    says: 'machine',
    claims: ['kubernetes.io'],
    when: (value) => {
      const bound = asClaims(value);
      return bound !== undefined && objectClaim(bound, 'serviceaccount') !== undefined;
    },
    words: 'bound to a Kubernetes service account',
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/',
  },
  claimSet(
    'kubernetes-legacy',
    'https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/',
    'kubernetes.io/serviceaccount/service-account.name',
    'kubernetes.io/serviceaccount/namespace',
  ),
  {
    name: 'pipeline-subject',
    says: 'machine',
    claims: ['sub'],
    having: ':',
    when: subject(pattern.isPipelineRun),
    words: 'the subject is a pipeline run',
    source: 'https://docs.github.com/en/actions/reference/security/oidc',
  },
  {
    name: 'service-connection-subject',
    says: 'machine',
    claims: ['sub'],
    begins: ['sc://'],
    when: subject(pattern.isServiceConnection),
    words: 'the subject is an Azure DevOps service connection',
    source: 'https://learn.microsoft.com/en-us/azure/devops/pipelines/release/configure-workload-identity',
  },
  claimSet('github', 'https://docs.github.com/en/actions/reference/security/oidc', 'repository', 'run_id', 'workflow'),
  claimSet(
    'gitlab',
    'https://docs.gitlab.com/ci/secrets/id_token_authentication/',
    'pipeline_id',
    'job_id',
    'project_id',
  ),
  claimSet(
    'harness',
    'https://developer.harness.io/docs/platform/connectors/cloud-providers/ref-cloud-providers/aws-connector-settings-reference/',
    'pipeline_id',
    'project_id',
    'organization_id',
    'account_id',
  ),
  claimSet(
    'codefresh',
    'https://codefresh.io/docs/docs/integrations/oidc-pipelines/',
    'pipeline_id',
    'workflow_id',
    'pipeline_name',
    'account_id',
  ),
  claimSet('buildkite', 'https://buildkite.com/docs/agent/v3/cli-oidc', 'pipeline_slug', 'build_number', 'job_id'),
  claimSet(
    'bitbucket',
    'https://support.atlassian.com/bitbucket-cloud/docs/integrate-pipelines-with-resource-servers-using-oidc/',
    'pipelineUuid',
    'stepUuid',
    'repositoryUuid',
  ),
  claimSet('circleci', 'https://circleci.com/docs/openid-connect-tokens/', 'oidc.circleci.com/project-id'),
  claimSet(
    'terraform',
    'https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens',
    'terraform_run_id',
    'terraform_workspace_id',
  ),
  claimSet('semaphore', 'https://docs.semaphoreci.com/using-semaphore/openid', 'wf_id', 'ppl_id', 'prj_id'),
  claimSet(
    'spacelift',
    'https://docs.spacelift.io/integrations/cloud-providers/oidc',
    'runId',
    'callerId',
    'callerType',
  ),
  claimSet('fly', 'https://fly.io/docs/security/openid-connect/', 'machine_id', 'app_name', 'org_name'),
  claimSet('modal', 'https://modal.com/docs/guide/oidc-integration', 'function_id', 'app_id', 'workspace_id'),
  claimSet(
    'nomad',
    'https://developer.hashicorp.com/nomad/docs/concepts/workload-identity',
    'nomad_allocation_id',
    'nomad_job_id',
    'nomad_task',
  ),
  {
    name: 'azure-managed-identity',
    says: 'machine',
    claims: ['xms_mirid'],
    begins: ['/subscriptions/'],
    words: 'the managed identity of an Azure resource',
    source: 'https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/overview',
  },
  {
    name: 'gce-instance',
    says: 'machine',
    claims: ['google'],
    when: (value) => {
      const google = asClaims(value);
      const engine = google && objectClaim(google, 'compute_engine');
      return engine !== undefined && has(engine, 'instance_id');
    },
    words: 'a Compute Engine instance',
    source: 'https://cloud.google.com/compute/docs/instances/verifying-instance-identity',
  },
  {
    name: 'aws-compute',
    says: 'machine',
    claims: ['https://sts.amazonaws.com/'],
    when: (value) => {
      const aws = asClaims(value);
      return aws !== undefined && (has(aws, 'lambda_source_function_arn') || has(aws, 'ec2_source_instance_arn'));
    },
    words: 'the role of a Lambda function or EC2 instance',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound_token_claims.html',
  },
  {
    name: 'google-service-account',
    says: 'machine',
    claims: ['email'],
    ends: ['.gserviceaccount.com'],
    when: (value, { issuer }) => isGoogle(issuer) && typeof value === 'string' && pattern.isGoogleServiceAccount(value),
    words: 'the e-mail of a Google service account, from Google',
    source: 'https://cloud.google.com/iam/docs/service-account-types',
  },
  {
    name: 'google-service',
    says: 'machine',
    claims: ['iss'],
    ends: ['.gserviceaccount.com'],
    when: (value, { claims, subject: sub }) =>
      sub === undefined &&
      typeof value === 'string' &&
      pattern.isGoogleServiceAccount(value) &&
      claim(claims, 'sub') === undefined,
    words: 'signed by a Google service account, about nobody else',
    source: 'https://developers.google.com/workspace/chat/verify-requests-from-chat',
  },
  {
    name: 'adobe-technical-account',
    says: 'machine',
    claims: ['user_id'],
    ends: ['@techacct.adobe.com'],
    // Anywhere else a user id may be whatever somebody registered with.
    when: (value, { claims, subject: sub }) =>
      typeof value === 'string' &&
      pattern.isAdobeTechnicalAccount(value) &&
      sub === undefined &&
      textClaim(claims, 'as')?.startsWith('ims-') === true,
    words: 'an Adobe technical account',
    source: 'https://developer.adobe.com/developer-console/docs/guides/authentication/ServerToServerAuthentication/',
  },
  {
    name: 'cloudflare-service-token',
    says: 'machine',
    claims: ['common_name'],
    // A client certificate has a common name as well; the id of a service token ends like this.
    when: (value, { claims, subject: sub }) =>
      isCloudflareServiceToken(value) &&
      sub === undefined &&
      textClaim(claims, 'type') === 'app' &&
      !has(claims, 'email'),
    words: 'a Cloudflare Access service token',
    source: 'https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/application-token/',
    clientId: ({ claims }) => textClaim(claims, 'common_name'),
  },
  {
    name: 'supabase-service-key',
    says: 'machine',
    claims: ['role'],
    equals: ['service_role'],
    when: (_value, { claims, subject: sub, issuer }) =>
      sub === undefined && issuer?.startsWith('supabase') === true && !has(claims, 'email'),
    words: 'a Supabase service key',
    source: 'https://supabase.com/docs/guides/auth/jwt-fields',
  },
];

/** Google's own issuers; elsewhere an e-mail is whatever a stranger typed. https://accounts.google.com/.well-known/openid-configuration */
function isGoogle(issuer: string | undefined): boolean {
  return (
    issuer === 'https://accounts.google.com' ||
    issuer === 'accounts.google.com' ||
    issuer === 'https://cloud.google.com/iap'
  );
}
