import { claim, has, named } from '../claims-reader.js';
import { hasSignInTime } from '../rules/structure.js';
import type { TokenView } from '../rules/rule.js';
import { issuerHas, subjectAsClient, type Preset, type PresetRule } from './preset.js';

/*
 * Providers whose access tokens follow RFC 9068: the subject is the user where there is one, else the client. At an
 * unknown issuer "the subject differs from the client" tells nothing; at these it tells a person.
 */

const signedIn = ({ claims }: TokenView): boolean =>
  ['sid', 'session_id', 'nonce', 'at_hash'].some((name) => has(claims, name)) ||
  (Array.isArray(claim(claims, 'amr')) && has(claims, 'amr')) ||
  hasSignInTime(claim(claims, 'auth_time'));

const personNamed = ({ claims }: TokenView): boolean =>
  ['username', 'Username', 'user_name', 'email', 'mail', 'given_name', 'family_name', 'user_id', 'uid', 'upn'].some(
    (name) => named(claim(claims, name)),
  );

const clientIsSubject: PresetRule = {
  name: 'client-is-subject',
  kind: 'm2m',
  when: (token) => token.subject !== undefined && token.subject === token.client && !signedIn(token),
  words: 'the subject is the client itself',
};

const clientIsSubjectSignedIn: PresetRule = {
  name: 'client-is-subject-signed-in',
  kind: 'unknown',
  when: (token) => token.subject !== undefined && token.subject === token.client,
  words: 'the subject is the client itself, yet somebody signed in',
};

const subjectIsNotClient: PresetRule = {
  name: 'subject-is-not-client',
  kind: 'human',
  when: ({ subject, client }) => subject !== undefined && client !== undefined && subject !== client,
  words: 'the subject is somebody else than the client',
};

const noSubject: PresetRule = {
  name: 'no-subject',
  kind: 'm2m',
  when: (token) => token.client !== undefined && !has(token.claims, 'sub') && !signedIn(token) && !personNamed(token),
  words: 'a client, and no subject',
};

/** In this order a token without a subject is a client's, and one with another subject a person's. */
const OAUTH: readonly PresetRule[] = [clientIsSubject, clientIsSubjectSignedIn, subjectIsNotClient];

export const rfc9068: Preset = {
  name: 'rfc9068',
  title: 'any issuer that follows RFC 9068',
  sources: ['https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2'],
  rules: OAUTH,
};

export const hydra: Preset = {
  name: 'hydra',
  title: 'Ory Hydra, Ory Network',
  sources: [
    'https://www.ory.com/docs/oauth2-oidc/jwt-access-token',
    'https://github.com/ory/hydra/blob/master/oauth2/oauth2_client_credentials_test.go',
  ],
  rules: OAUTH,
  looksLike: issuerHas('.oryapis.com'),
};

export const logto: Preset = {
  name: 'logto',
  title: 'Logto',
  sources: ['https://docs.logto.io/authorization/validate-access-tokens', 'https://docs.logto.io/quick-starts/m2m'],
  rules: OAUTH,
  looksLike: issuerHas('.logto.app'),
};

export const duende: Preset = {
  name: 'duende',
  title: 'Duende IdentityServer, IdentityServer4',
  sources: [
    'https://docs.duendesoftware.com/identityserver/fundamentals/claims/',
    'https://docs.duendesoftware.com/identityserver/apis/aspnetcore/jwt/',
    'https://github.com/DuendeSoftware/Support/issues/888',
  ],
  rules: [...OAUTH, noSubject],
};

export const openiddict: Preset = {
  name: 'openiddict',
  title: 'OpenIddict',
  sources: ['https://documentation.openiddict.com/guides/choosing-the-right-flow'],
  rules: [...OAUTH, noSubject],
  looksLike: ({ claims }) => has(claims, 'oi_prst') || has(claims, 'oi_tkn_id'),
};

export const ping: Preset = {
  name: 'ping',
  title: 'PingOne, PingFederate',
  sources: [
    'https://developer.pingidentity.com/pingone-api/foundations/authentication-concepts/access-tokens-and-id-tokens/token-claims.html',
    'https://docs.pingidentity.com/r/en-us/pingfederate-113/help_beareraccesstokenmgmtplugintasklet_atmcontractstate',
  ],
  rules: [...OAUTH, noSubject],
  looksLike: issuerHas('.pingone.'),
};

export const spring: Preset = {
  name: 'spring',
  title: 'Spring Authorization Server',
  sources: [
    'https://github.com/spring-projects/spring-authorization-server/blob/main/oauth2-authorization-server/src/main/java/org/springframework/security/oauth2/server/authorization/token/JwtGenerator.java',
  ],
  rules: [
    ...OAUTH,
    {
      name: 'subject-is-audience',
      kind: 'm2m',
      when: (token) => token.subject !== undefined && token.subject === token.audience && !signedIn(token),
      words: 'subject and audience are the client',
      clientId: subjectAsClient,
    },
    {
      name: 'subject-is-not-audience',
      kind: 'human',
      when: ({ subject, audience }) => subject !== undefined && audience !== undefined && audience !== subject,
      words: 'the subject is somebody else than the client, which is the audience',
      clientId: ({ audience }) => audience,
    },
  ],
};
