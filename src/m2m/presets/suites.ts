import { claim, has, textClaim } from '../claims-reader.js';
import { isPingAmUser, pingAmClient } from '../subject-patterns.js';
import { issuerHas, type Preset, type PresetRule } from './preset.js';

/*
 * Identity parts of larger suites; each states the kind of subject, or the grant, in a claim of its own.
 */

const states = (
  name: string,
  claimName: string,
  value: string,
  kind: PresetRule['kind'],
  words: string,
): PresetRule => ({
  name,
  kind,
  claims: [claimName],
  when: ({ claims }) => claim(claims, claimName) === value,
  words,
});

const WSO2_AGENTS = 'https://wso2.com/identity-platform/docs/guides/agentic-ai/ai-agents/agent-authentication/';

export const wso2: Preset = {
  name: 'wso2',
  title: 'WSO2 Identity Server, Asgardeo',
  sources: [
    'https://is.docs.wso2.com/en/latest/references/token-types/',
    'https://is.docs.wso2.com/en/latest/references/grant-types/',
    WSO2_AGENTS,
  ],
  clientIdClaims: ['client_id', 'azp'],
  rules: [
    states('application-user', 'aut', 'APPLICATION_USER', 'human', "issued to an application's user"),
    {
      name: 'user',
      kind: 'human',
      claims: ['username', 'given_name', 'family_name', 'email', 'sid'],
      words: 'a user is named',
    },
    states('application', 'aut', 'APPLICATION', 'm2m', 'issued to an application, not to one of its users'),
    {
      ...states('agent', 'aut', 'AGENT', 'm2m', 'issued to an agent that acts for itself'),
      source: WSO2_AGENTS,
    },
  ],
  looksLike: ({ claims }) => has(claims, 'aut'),
};

export const oracle: Preset = {
  name: 'oracle',
  title: 'Oracle Identity Cloud Service, OCI identity domains',
  sources: ['https://docs.oracle.com/en-us/iaas/Content/Identity/api-getstarted/AccessToken.htm'],
  rules: [
    states('client', 'sub_type', 'client', 'm2m', 'sub_type says the subject is a client'),
    states('user', 'sub_type', 'user', 'human', 'sub_type says the subject is a user'),
  ],
  looksLike: ({ claims, issuer }) =>
    issuer?.includes('identity.oraclecloud.com') === true || has(claims, 'sub_mappingattr'),
};

export const ibmCloud: Preset = {
  name: 'ibm-cloud',
  title: 'IBM Cloud IAM',
  sources: [
    'https://medium.com/@martin.smolny/ibm-cloud-identity-and-access-management-tokens-in-details-49eac14d5298',
  ],
  rules: [
    states('service-id', 'sub_type', 'ServiceId', 'm2m', 'sub_type says the subject is a service'),
    {
      name: 'user',
      kind: 'human',
      when: ({ claims }) => textClaim(claims, 'iam_id')?.startsWith('IBMid-') === true || has(claims, 'given_name'),
      words: 'an IBMid',
    },
  ],
  looksLike: ({ claims }) => has(claims, 'iam_id'),
};

const XSUAA =
  'https://community.sap.com/t5/technology-blogs-by-sap/how-grant-types-keep-your-application-secure-exercise-1/ba-p/13525435';
const UAA = 'https://docs.cloudfoundry.org/api/uaa/';

export const sap: Preset = {
  name: 'sap',
  title: 'SAP XSUAA, Cloud Foundry UAA, SAP Cloud Identity Services',
  sources: [XSUAA, UAA],
  clientIdClaims: ['client_id', 'azp', 'cid'],
  rules: [
    {
      name: 'user',
      kind: 'human',
      claims: ['user_id', 'user_name', 'user_uuid'],
      words: 'a user is named',
      source: UAA,
    },
    states('user-type', 'sap_id_type', 'user', 'human', 'sap_id_type says the subject is a user'),
    states('application-type', 'sap_id_type', 'app', 'm2m', 'sap_id_type says the subject is an application'),
    states('client-credentials-grant', 'grant_type', 'client_credentials', 'm2m', 'the grant was client credentials'),
    states(
      'client-certificate-grant',
      'grant_type',
      'client_x509',
      'm2m',
      'the grant was client credentials by certificate',
    ),
  ],
  looksLike: ({ claims }) => has(claims, 'sap_id_type') || has(claims, 'ext_attr') || has(claims, 'rev_sig'),
};

export const pingam: Preset = {
  name: 'pingam',
  title: 'PingAM, ForgeRock AM, PingOne Advanced Identity Cloud',
  sources: ['https://docs.pingidentity.com/pingam/7.5/oauth2-guide/oauth2-client-cred-grant.html'],
  rules: [
    {
      name: 'client-subject',
      kind: 'm2m',
      when: ({ subject }) => subject !== undefined && pingAmClient(subject) !== undefined,
      words: 'the subject is an OAuth client by its form',
      clientId: ({ subject }) => (subject === undefined ? undefined : pingAmClient(subject)),
    },
    {
      name: 'user-subject',
      kind: 'human',
      when: ({ subject }) => subject !== undefined && isPingAmUser(subject),
      words: 'the subject is a user by its form',
    },
    states('client-credentials-grant', 'grant_type', 'client_credentials', 'm2m', 'the grant was client credentials'),
  ],
  looksLike: ({ claims }) => has(claims, 'auditTrackingId') || has(claims, 'cts'),
};

export const authentik: Preset = {
  name: 'authentik',
  title: 'authentik',
  sources: ['https://docs.goauthentik.io/add-secure-apps/providers/oauth2/machine_to_machine/'],
  clientIdClaims: ['azp', 'client_id'],
  rules: [
    {
      name: 'generated-service-account',
      kind: 'm2m',
      // Made by authentik for the provider; people register under such a name only where an administrator lets them.
      when: ({ claims }) => {
        const name = textClaim(claims, 'preferred_username');
        return (
          name !== undefined && name.startsWith('ak-') && name.endsWith('-client_credentials') && !has(claims, 'nonce')
        );
      },
      words: 'the service account that authentik makes for a provider',
    },
    {
      name: 'user',
      kind: 'human',
      claims: ['nonce', 'amr', 'sid'],
      words: 'a sign-in',
    },
  ],
  looksLike: issuerHas('/application/o/'),
};
