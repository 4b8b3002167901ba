import { claim } from '../claims-reader.js';
import { auth0Client, isConnectionUser } from '../subject-patterns.js';
import { issuerHas, type Preset } from './preset.js';

const PROFILES = 'https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles';
const USER_IDS = 'https://auth0.com/docs/manage-users/user-accounts/identify-users';
const AGENTS = 'https://auth0.com/docs/ai-agents-mcp/agents-as-principal/agent-identity-in-tokens';
const ORGANIZATIONS = 'https://auth0.com/docs/manage-users/organizations/organizations-for-m2m-applications';

/** Behind a bar the rest of a user's id may be anything. */
const isClient = (subject: string): boolean =>
  subject.endsWith('@clients') && subject.length > '@clients'.length && !subject.includes('|');

/** The agent that is linked with a client is the subject of its tokens. */
const isAgent = (subject: string): boolean => subject.startsWith('agt_') && !subject.includes('|');

export const auth0: Preset = {
  name: 'auth0',
  title: 'Auth0',
  sources: [PROFILES, USER_IDS, ORGANIZATIONS, AGENTS],
  clientIdClaims: ['azp', 'client_id'],
  rules: [
    {
      name: 'client-credentials-grant',
      kind: 'm2m',
      claims: ['gty'],
      when: ({ claims, subject, client }) =>
        claim(claims, 'gty') === 'client-credentials' &&
        (subject === undefined || subject === client || isClient(subject) || isAgent(subject)),
      words: 'the grant was client credentials',
      clientId: ({ subject }) => (subject === undefined ? undefined : auth0Client(subject)),
    },
    {
      name: 'client-subject',
      kind: 'm2m',
      // The RFC 9068 profile of an API leaves `gty` out.
      when: ({ subject }) => subject !== undefined && isClient(subject),
      words: 'the subject is a client by its suffix',
      clientId: ({ subject }) => subject?.slice(0, -'@clients'.length),
    },
    {
      name: 'connection-subject',
      kind: 'human',
      when: ({ subject, claims }) =>
        subject !== undefined && isConnectionUser(subject) && claim(claims, 'gty') !== 'client-credentials',
      words: 'the subject is a user of a connection',
      source: USER_IDS,
    },
  ],
  looksLike: issuerHas('.auth0.com'),
};
