import { claim, named, textClaim } from '../claims-reader.js';
import { issuerHas, type Preset } from './preset.js';

/** User scopes: a client that acts for itself gets the custom scopes of a resource server only. */
const USER_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'phone', 'aws.cognito.signin.user.admin'];

/** What only a user's token has. */
const USER_CLAIMS: readonly string[] = [
  ...['username', 'cognito:username', 'cognito:groups', 'origin_jti', 'device_key', 'event_id', 'amr'],
];

const CLIENT_CREDENTIALS =
  'https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html';
const ACCESS_TOKEN =
  'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html';
const ID_TOKEN =
  'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html';

export const cognito: Preset = {
  name: 'cognito',
  title: 'AWS Cognito user pool',
  sources: [CLIENT_CREDENTIALS, ACCESS_TOKEN, ID_TOKEN],
  clientIdClaims: ['client_id'],
  rules: [
    {
      name: 'id-token',
      kind: 'human',
      claims: ['token_use'],
      when: ({ claims }) => claim(claims, 'token_use') === 'id',
      words: 'an ID token is always a user',
      source: ID_TOKEN,
    },
    {
      name: 'other-token-use',
      kind: 'unknown',
      claims: ['token_use'],
      when: ({ claims }) => claim(claims, 'token_use') !== 'access',
      words: 'neither an access token nor an ID token',
      source: ACCESS_TOKEN,
    },
    {
      name: 'user',
      kind: 'human',
      claims: USER_CLAIMS,
      words: 'a user of the pool',
      source: ACCESS_TOKEN,
    },
    {
      name: 'client-is-subject',
      kind: 'm2m',
      when: ({ subject, client }) => subject !== undefined && subject === client,
      words: 'the subject is the app client',
    },
    {
      name: 'user-scope',
      kind: 'human',
      when: ({ scopeList }) => scopeList.some((scope) => USER_SCOPES.includes(scope)),
      words: 'a scope that only users get',
    },
    {
      name: 'client-without-user',
      kind: 'm2m',
      when: ({ claims, client }) =>
        client !== undefined &&
        !named(claim(claims, 'email')) &&
        !['name', 'given_name', 'family_name', 'preferred_username'].some(
          (name) => textClaim(claims, name) !== undefined,
        ),
      words: 'an app client without a user name, an e-mail or a name',
    },
  ],
  looksLike: issuerHas('//cognito-idp.'),
};
