import { claim, has, includes, textClaim } from '../claims-reader.js';
import { isCloudflareServiceToken } from '../rules/cloudflare.js';
import { isStytchClient } from '../subject-patterns.js';
import { issuerHas, subjectAsClient, type Preset, type PresetRule } from './preset.js';

/*
 * Identity services with one page each on their tokens.
 */

const startsWith = (prefix: string, kind: PresetRule['kind'], words: string, source?: string): PresetRule => ({
  name: `subject-${prefix.replace(/[^a-z0-9]/g, '')}`,
  kind,
  when: ({ subject }) => subject?.startsWith(prefix) === true && subject.length > prefix.length,
  words,
  ...(source !== undefined && { source }),
  ...(kind === 'm2m' && { clientId: subjectAsClient }),
});

const allDigits = (value: string): boolean => {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 48 || code > 57) return false;
  }
  return value.length > 0;
};

const ZITADEL_CLAIMS = 'https://zitadel.com/docs/apis/openidoauth/claims';
const ZITADEL_SERVICE_USERS = 'https://zitadel.com/docs/guides/integrate/service-users/client-credentials';
const ZITADEL_CLIENT_IDS = 'https://questions.zitadel.com/m/1435721390941540623';

export const zitadel: Preset = {
  name: 'zitadel',
  title: 'ZITADEL',
  sources: [ZITADEL_CLAIMS, ZITADEL_SERVICE_USERS, ZITADEL_CLIENT_IDS],
  clientIdClaims: ['client_id', 'azp'],
  rules: [
    {
      name: 'client-is-subject',
      kind: 'm2m',
      when: ({ subject, client }) => subject !== undefined && subject === client,
      words: 'the subject is the client itself',
    },
    {
      name: 'service-user',
      kind: 'm2m',
      // A service user's client id is its user name; an application's is a number, in older releases with @project.
      when: ({ claims, subject, client }) =>
        subject !== undefined &&
        client !== undefined &&
        !isApplication(client) &&
        !has(claims, 'nonce') &&
        !has(claims, 'sid'),
      words: 'the client is a service user, not an application',
      source: ZITADEL_SERVICE_USERS,
    },
    {
      name: 'application-user',
      kind: 'human',
      when: ({ subject, client }) => subject !== undefined && client !== undefined && isApplication(client),
      words: "an application's user",
      source: ZITADEL_CLIENT_IDS,
    },
  ],
  looksLike: ({ claims, issuer }) =>
    issuer?.includes('.zitadel.cloud') === true ||
    Object.keys(claims).some((name) => name.startsWith('urn:zitadel:iam:')),
};

const isApplication = (client: string): boolean => {
  const at = client.indexOf('@');
  return allDigits(at === -1 ? client : client.slice(0, at));
};

const FUSIONAUTH_TOKENS = 'https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/tokens';
const FUSIONAUTH_ENTITIES = 'https://fusionauth.io/docs/lifecycle/authenticate-users/oauth/#client-credentials-grant';

export const fusionauth: Preset = {
  name: 'fusionauth',
  title: 'FusionAuth',
  sources: [FUSIONAUTH_TOKENS, FUSIONAUTH_ENTITIES],
  rules: [
    {
      name: 'entity',
      kind: 'm2m',
      when: ({ claims }) => includes(claim(claims, 'gty'), 'client_credentials') && !has(claims, 'authenticationType'),
      words: 'an entity that got its token by client credentials',
      source: FUSIONAUTH_ENTITIES,
      clientId: subjectAsClient,
    },
    {
      name: 'target-entity-scope',
      kind: 'm2m',
      when: ({ claims }) =>
        textClaim(claims, 'scope')?.startsWith('target-entity:') === true && !has(claims, 'authenticationType'),
      words: 'a scope on another entity',
      source: FUSIONAUTH_ENTITIES,
      clientId: subjectAsClient,
    },
    {
      name: 'user',
      kind: 'human',
      claims: ['authenticationType', 'applicationId', 'email', 'gty'],
      words: 'a user of an application',
    },
  ],
};

export const supabase: Preset = {
  name: 'supabase',
  title: 'Supabase',
  sources: ['https://supabase.com/docs/guides/auth/jwt-fields'],
  rules: [
    {
      name: 'service-key',
      kind: 'm2m',
      when: ({ claims, subject }) => claim(claims, 'role') === 'service_role' && subject === undefined,
      words: 'the service key',
    },
    {
      name: 'anonymous-key',
      kind: 'unknown',
      when: ({ claims }) => claim(claims, 'role') === 'anon' || claim(claims, 'is_anonymous') === true,
      words: 'the anonymous key or an anonymous user',
    },
    {
      name: 'user',
      kind: 'human',
      when: ({ subject }) => subject !== undefined,
      words: 'a user',
    },
  ],
  looksLike: ({ issuer }) => issuer === 'supabase' || issuer?.includes('.supabase.co/') === true,
};

const CLERK_SESSIONS = 'https://clerk.com/docs/guides/sessions/session-tokens';

export const clerk: Preset = {
  name: 'clerk',
  title: 'Clerk',
  sources: ['https://clerk.com/docs/guides/development/machine-auth/m2m-tokens', CLERK_SESSIONS],
  // azp is the origin of the page.
  clientIdClaims: ['client_id'],
  rules: [
    startsWith('mch_', 'm2m', 'the subject is a machine by its prefix'),
    startsWith('user_', 'human', 'the subject is a user by its prefix', CLERK_SESSIONS),
  ],
  looksLike: ({ subject, issuer }) =>
    subject?.startsWith('mch_') === true ||
    issuer?.includes('.clerk.accounts.dev') === true ||
    issuer?.startsWith('https://clerk.') === true,
};

export const workos: Preset = {
  name: 'workos',
  title: 'WorkOS AuthKit and Connect',
  sources: [
    'https://workos.com/docs/authkit/connect/token-claims',
    'https://workos.com/docs/reference/workos-connect/token',
  ],
  rules: [
    startsWith('user_', 'human', 'the subject is a user by its prefix'),
    startsWith('client_', 'm2m', 'the subject is an application by its prefix'),
    {
      name: 'session',
      kind: 'human',
      claims: ['sid'],
      words: 'a session or consent of a user',
    },
  ],
  looksLike: (token) => issuerHas('.authkit.app')(token) || issuerHas('api.workos.com')(token),
};

export const kinde: Preset = {
  name: 'kinde',
  title: 'Kinde',
  sources: [
    'https://docs.kinde.com/machine-to-machine-applications/about-m2m/token-structure-and-claims-for-m2m-applications',
  ],
  clientIdClaims: ['azp', 'client_id'],
  rules: [
    {
      name: 'client-credentials-grant',
      kind: 'm2m',
      when: ({ claims, subject }) =>
        includes(claim(claims, 'gty'), 'client_credentials') && subject?.startsWith('kp_') !== true,
      words: 'the grant was client credentials',
    },
    startsWith('kp_', 'human', 'the subject is a user by its prefix'),
  ],
  looksLike: issuerHas('.kinde.com'),
};

const STYTCH_SESSIONS = 'https://stytch.com/docs/api/session-jwt';

export const stytch: Preset = {
  name: 'stytch',
  title: 'Stytch',
  sources: ['https://stytch.com/docs/api/get-m2m-token', STYTCH_SESSIONS],
  rules: [
    {
      name: 'm2m-client',
      kind: 'm2m',
      when: ({ subject }) => subject !== undefined && isStytchClient(subject),
      words: 'the subject is an M2M client by its prefix',
      clientId: subjectAsClient,
    },
    startsWith('user-', 'human', 'the subject is a user by its prefix', STYTCH_SESSIONS),
    startsWith('member-', 'human', 'the subject is a member by its prefix', STYTCH_SESSIONS),
  ],
  looksLike: issuerHas('stytch.com'),
};

export const frontegg: Preset = {
  name: 'frontegg',
  title: 'Frontegg',
  sources: ['https://developers.frontegg.com/ciam/guides/authentication/api-tokens'],
  rules: [
    {
      name: 'tenant-token',
      kind: 'm2m',
      when: ({ claims }) => includes(['tenantApiToken', 'tenantAccessToken'], textClaim(claims, 'type') ?? ''),
      words: 'an API token of a tenant',
      clientId: subjectAsClient,
    },
    {
      name: 'user-token',
      kind: 'human',
      when: ({ claims }) => includes(['userToken', 'userApiToken', 'userAccessToken'], textClaim(claims, 'type') ?? ''),
      words: "a user's token",
    },
  ],
  looksLike: issuerHas('.frontegg.com'),
};

export const cloudflareAccess: Preset = {
  name: 'cloudflare-access',
  title: 'Cloudflare Access',
  sources: ['https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/application-token/'],
  // The common name is the client only in a service token.
  clientIdClaims: [],
  rules: [
    {
      name: 'service-token',
      kind: 'm2m',
      when: ({ claims, subject }) =>
        isCloudflareServiceToken(claim(claims, 'common_name')) && subject === undefined && !has(claims, 'email'),
      words: 'a service token',
      clientId: ({ claims }) => textClaim(claims, 'common_name'),
    },
    {
      name: 'identity',
      kind: 'human',
      when: ({ claims, subject }) => subject !== undefined && has(claims, 'email'),
      words: 'an identity of a login',
    },
  ],
  looksLike: issuerHas('.cloudflareaccess.com'),
};
