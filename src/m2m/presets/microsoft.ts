import { claim, has, textClaim } from '../claims-reader.js';
import type { TokenView } from '../rules/rule.js';
import { issuerHas, type Preset, type PresetRule } from './preset.js';

const isUserFlow = ({ claims }: TokenView): boolean =>
  has(claims, 'tfp') || textClaim(claims, 'acr')?.toLowerCase().startsWith('b2c_1') === true;

const application: PresetRule = {
  name: 'application',
  kind: 'm2m',
  claims: ['idtyp'],
  when: ({ claims }) => claim(claims, 'idtyp') === 'app',
  words: 'idtyp says the subject is an application',
};

const user: PresetRule = {
  name: 'user',
  kind: 'human',
  claims: ['idtyp'],
  when: ({ claims }) => claim(claims, 'idtyp') === 'user',
  words: 'idtyp says the subject is a user',
};

const userFlow: PresetRule = {
  name: 'user-flow',
  kind: 'human',
  claims: ['tfp', 'acr'],
  when: isUserFlow,
  words: 'issued by a user flow',
};

const delegatedPermission: PresetRule = {
  name: 'delegated-permission',
  kind: 'human',
  claims: ['scp'],
  words: 'delegated permissions: only on behalf of a user',
};

const publicClient: PresetRule = {
  name: 'public-client',
  kind: 'human',
  // Who has no secret cannot ask for a token of its own (RFC 6749 section 4.4).
  claims: ['appidacr', 'azpacr'],
  when: ({ claims }) => claim(claims, 'appidacr') === '0' || claim(claims, 'azpacr') === '0',
  words: 'asked for by a public client',
};

const servicePrincipal: PresetRule = {
  name: 'service-principal',
  kind: 'm2m',
  claims: ['oid'],
  when: ({ claims, subject, client }) =>
    subject !== undefined && client !== undefined && claim(claims, 'oid') === subject && !has(claims, 'nonce'),
  words: 'subject and object id are one, without delegated permissions',
};

const pairwiseSubject: PresetRule = {
  name: 'pairwise-subject',
  kind: 'human',
  claims: ['oid'],
  when: ({ claims, subject }) => {
    const object = textClaim(claims, 'oid');
    return subject !== undefined && object !== undefined && object !== subject;
  },
  words: 'the subject is not the object itself: an application would be',
};

export const entra: Preset = {
  name: 'entra',
  title: 'Microsoft Entra ID (Azure AD), managed identities',
  sources: [
    'https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference',
    'https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims-reference',
  ],
  clientIdClaims: ['appid', 'azp', 'client_id'],
  rules: [application, user, userFlow, delegatedPermission, publicClient, servicePrincipal, pairwiseSubject],
  looksLike: (token) => issuerHas('//sts.windows.net/')(token) || issuerHas('//login.microsoftonline.')(token),
};

const B2C_CLIENT_CREDENTIALS =
  'https://learn.microsoft.com/en-us/azure/active-directory-b2c/client-credentials-grant-flow';

export const azureB2c: Preset = {
  name: 'azure-b2c',
  title: 'Azure AD B2C, Entra External ID',
  sources: [B2C_CLIENT_CREDENTIALS, 'https://learn.microsoft.com/en-us/azure/active-directory-b2c/tokens-overview'],
  clientIdClaims: ['azp', 'appid', 'client_id'],
  rules: [
    application,
    user,
    userFlow,
    {
      name: 'sign-in',
      kind: 'human',
      claims: ['nonce', 'auth_time', 'idp', 'emails', 'given_name'],
      words: 'somebody signed in',
    },
    {
      name: 'permission',
      kind: 'unknown',
      // A client that acts for itself has its application permissions in scp, too.
      claims: ['scp'],
      words: 'permissions of a user or of an application: both are in scp here',
    },
    publicClient,
    servicePrincipal,
    pairwiseSubject,
  ],
  looksLike: (token) => issuerHas('.b2clogin.com')(token) || issuerHas('.ciamlogin.com')(token),
};
