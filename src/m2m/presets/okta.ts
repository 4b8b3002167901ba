import { issuerHas, type Preset } from './preset.js';

const CLIENT_CREDENTIALS = 'https://developer.okta.com/docs/guides/implement-grant-type/clientcreds/main/';
const ACCESS_TOKEN = 'https://developer.okta.com/docs/reference/api/oidc/#access-token-payload';
const TOKEN_EXCHANGE = 'https://developer.okta.com/docs/guides/set-up-token-exchange/main/';

export const okta: Preset = {
  name: 'okta',
  title: 'Okta',
  sources: [CLIENT_CREDENTIALS, ACCESS_TOKEN, TOKEN_EXCHANGE],
  clientIdClaims: ['cid', 'client_id', 'azp'],
  rules: [
    {
      name: 'user',
      kind: 'human',
      claims: ['uid'],
      words: 'a user is named',
      source: ACCESS_TOKEN,
    },
    {
      name: 'client-is-subject',
      kind: 'm2m',
      when: ({ subject, client }) => subject !== undefined && subject === client,
      words: 'the subject is the client, and no user is named',
    },
    {
      name: 'subject-is-not-client',
      kind: 'human',
      when: ({ subject, client }) => subject !== undefined && client !== undefined && subject !== client,
      words: 'the subject is somebody else than the client',
      source: TOKEN_EXCHANGE,
    },
  ],
  looksLike: (token) => issuerHas('.okta.com')(token) || issuerHas('.oktapreview.com')(token),
};
