/*
 * Subjects that tell by their form alone. Every pattern is anchored at both ends, and none is a regular expression:
 * these run for each token, on text that a stranger chose.
 */

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);

function all(value: string, start: number, end: number, accepts: (code: number) => boolean): boolean {
  if (start >= end) return false;
  for (let index = start; index < end; index++) if (!accepts(value.charCodeAt(index))) return false;
  return true;
}

const isAlphanumeric = (code: number): boolean => isDigit(code) || isLetter(code);
const isLabel = (code: number): boolean => isDigit(code) || (code >= 97 && code <= 122) || code === 45 || code === 46;
const isTrustDomain = (code: number): boolean => isLabel(code) || code === 95;

/** Counted ids of two tables may be the same by chance: `1` is a user here and a client there. No table counts `000123`. */
export function isCounter(value: string): boolean {
  return value.length <= 12 && value.charCodeAt(0) !== 48 && all(value, 0, value.length, isDigit);
}

/** `local@domain.tld`: one @, a dot somewhere after it, no spaces and no colons (RFC 5322 section 3.4.1): `mailto:` is a URI. */
export function isEmail(value: string): boolean {
  let at = -1;
  let dot = -1;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code === 64) {
      if (at !== -1) return false;
      at = index;
    } else if (code === 46) dot = index;
    else if (code <= 32 || code === 58) return false;
  }
  return at > 0 && dot > at + 1 && dot < value.length - 1;
}

/** Looks at two characters before it asks for all of them: most texts begin otherwise. */
export function beginsIn(value: string, start: string): boolean {
  const last = start.length - 1;
  if (value.length <= last || value.charCodeAt(0) !== start.charCodeAt(0)) return false;
  return value.charCodeAt(last) === start.charCodeAt(last) && value.startsWith(start);
}

/** Looks at two characters before it asks for all of them: most texts end otherwise. */
export function endsIn(value: string, end: string): boolean {
  const start = value.length - end.length;
  if (start < 0 || value.charCodeAt(start) !== end.charCodeAt(0)) return false;
  return value.charCodeAt(value.length - 1) === end.charCodeAt(end.length - 1) && value.endsWith(end);
}

export const hasGoogleServiceDomain = (value: string): boolean => endsIn(value, '.gserviceaccount.com');

/**
 * The address of a Google service account: its domain, matched at the end only, belongs to Google.
 * https://cloud.google.com/iam/docs/service-account-types
 */
export function isGoogleServiceAccount(value: string): boolean {
  return hasGoogleServiceDomain(value) && isEmail(value);
}

/** The account that Adobe makes for a server-to-server credential. https://developer.adobe.com/developer-console/docs/guides/authentication/ServerToServerAuthentication/ */
export function isAdobeTechnicalAccount(value: string): boolean {
  return endsIn(value, '@techacct.adobe.com') && isEmail(value);
}

/** `connection|id`, how Auth0 names people. https://auth0.com/docs/manage-users/user-accounts/identify-users */
export function isConnectionUser(value: string): boolean {
  const bar = value.indexOf('|');
  if (bar < 1 || bar === value.length - 1) return false;
  for (let index = 0; index < bar; index++) {
    const code = value.charCodeAt(index);
    if (!isAlphanumeric(code) && code !== 45 && code !== 95) return false;
  }
  return true;
}

/** `<client>@clients`, how Auth0 names machines. https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles */
export function auth0Client(value: string): string | undefined {
  const end = value.length - '@clients'.length;
  return endsIn(value, '@clients') && end >= 16 && all(value, 0, end, isAlphanumeric) ? value.slice(0, end) : undefined;
}

/** `(age!client)`, how PingAM names OAuth clients. https://docs.pingidentity.com/pingam/8/am-oauth2/token-claims.html */
export function pingAmClient(value: string): string | undefined {
  return value.startsWith('(age!') && value.endsWith(')') && value.length > 6 ? value.slice(5, -1) : undefined;
}

/** `(usr!name)`, how PingAM names people. */
export function isPingAmUser(value: string): boolean {
  return value.startsWith('(usr!') && value.endsWith(')') && value.length > 6;
}

/** `system:serviceaccount:<namespace>:<name>`. https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/ */
export function isKubernetesServiceAccount(value: string): boolean {
  const prefix = 'system:serviceaccount:';
  if (!beginsIn(value, prefix)) return false;
  const colon = value.indexOf(':', prefix.length);
  return colon !== -1 && all(value, prefix.length, colon, isLabel) && all(value, colon + 1, value.length, isLabel);
}

/** `spiffe://trust-domain/path`; a workload always has a path. https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md */
export function isSpiffeId(value: string): boolean {
  return isWorkloadUri(value, 'spiffe://');
}

/** `wimse://trust-domain/path`. https://datatracker.ietf.org/doc/draft-ietf-wimse-identifier/ */
export function isWimseId(value: string): boolean {
  return isWorkloadUri(value, 'wimse://');
}

function isWorkloadUri(value: string, prefix: string): boolean {
  if (!beginsIn(value, prefix) || value.length > 2048) return false;
  const slash = value.indexOf('/', prefix.length);
  if (slash === -1 || slash === value.length - 1 || slash - prefix.length > 255) return false;
  return all(value, prefix.length, slash, isTrustDomain) && value.indexOf(' ') === -1;
}

/** A subject that is its own key: a wallet, as often a person's as anybody's. https://openid.net/specs/openid-connect-self-issued-v2-1_0.html#name-subject-syntax-types */
export function isOwnKey(value: string): boolean {
  return beginsIn(value, 'did:') || beginsIn(value, 'urn:ietf:params:oauth:jwk-thumbprint:');
}

/** `sc://organization/project/service-connection`. https://learn.microsoft.com/en-us/azure/devops/pipelines/release/configure-workload-identity */
export function isServiceConnection(value: string): boolean {
  const parts = beginsIn(value, 'sc://') ? value.slice(5).split('/', 4) : [];
  return parts.length === 3 && parts.every((part) => part !== '');
}

/** A prefix that says what the id is of, then at least 20 letters and digits that nobody types: no chosen user name. */
function isTypedId(value: string, prefixes: readonly string[]): boolean {
  for (let index = 0; index < prefixes.length; index++) {
    const prefix = prefixes[index]!;
    if (value.length >= prefix.length + 20 && beginsIn(value, prefix))
      return all(value, prefix.length, value.length, isAlphanumeric);
  }
  return false;
}

export const MACHINE_PREFIXES: readonly string[] = ['mch_', 'm2m_', 'machine_', 'service_account_'];
export const CLIENT_PREFIXES: readonly string[] = ['client_'];
export const USER_PREFIXES: readonly string[] = ['user_', 'usr_', 'member_'];

/** Clerk's `mch_…` and its like. https://clerk.com/docs/guides/development/machine-auth/m2m-tokens */
export function isTypedMachine(value: string): boolean {
  return isTypedId(value, MACHINE_PREFIXES);
}

/** `client_…`: an application at WorkOS, and a customer in many a shop. https://workos.com/docs/authkit/connect/token-claims */
export function isTypedClient(value: string): boolean {
  return isTypedId(value, CLIENT_PREFIXES);
}

/** Clerk's and WorkOS's `user_…`. */
export function isTypedUser(value: string): boolean {
  return isTypedId(value, USER_PREFIXES);
}

/** `m2m-client-<environment>-<uuid>`. https://stytch.com/docs/api/get-m2m-token */
export function isStytchClient(value: string): boolean {
  const uuid = value.length - 36;
  if (!beginsIn(value, 'm2m-client-') || uuid <= 'm2m-client-'.length) return false;
  return all(value, uuid, value.length, (code) => isAlphanumeric(code) || code === 45);
}

/** What a pipeline names in its subject, and no directory of people does. */
const RUN_LABELS: ReadonlySet<string> = new Set([
  ...['repo', 'repository', 'project', 'project_path', 'pipeline', 'workspace', 'run_phase', 'run_type', 'stack'],
  ...[
    'workflow',
    'environment',
    'ref_type',
    'ref',
    'job',
    'build',
    'step',
    'deployment',
    'workload_type',
    'job_template',
  ],
]);
/** `repo:owner/name:…` with nothing behind. */
function isPullRequest(value: string): boolean {
  if (!beginsIn(value, 'repo:')) return false;
  const colon = value.indexOf(':', 5);
  return colon !== -1 && value.indexOf(':', colon + 1) === -1 && value.slice(5, colon).includes('/');
}

const PERSON_LABELS: ReadonlySet<string> = new Set(['user', 'person', 'member']);

/**
 * `label:value:label:value…` with the labels of a pipeline, as GitHub Actions, GitLab, Buildkite, HCP Terraform,
 * Vercel, Spacelift, Semaphore, Pulumi and Ansible write it: a workload, whoever started it.
 * https://docs.github.com/en/actions/reference/security/oidc
 */
export function isPipelineRun(value: string): boolean {
  if (value.length > 2048) return false;
  let labels = 0;
  let start = 0;
  for (let colon = value.indexOf(':'); colon !== -1; colon = value.indexOf(':', start)) {
    const label = value.slice(start, colon);
    if (PERSON_LABELS.has(label)) return false;
    const next = value.indexOf(':', colon + 1);
    const end = next === -1 ? value.length : next;
    if (end > colon + 1 && RUN_LABELS.has(label)) labels++;
    start = end + 1;
  }
  // One label alone might be a user name with a colon in it; only `repo:owner/name:pull_request` says it with one.
  return labels >= 2 || (labels === 1 && isPullRequest(value));
}
