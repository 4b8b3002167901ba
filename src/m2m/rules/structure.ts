import { claim, has, textClaim } from '../claims-reader.js';
import * as pattern from '../subject-patterns.js';
import { namesNobody } from './nobody-named.js';
import type { Rule } from './rule.js';

/** Neither a person's address nor a number that two tables may share. */
const mayBeClient = (value: string): boolean =>
  !pattern.isCounter(value) && !pattern.isEmail(value) && !pattern.isConnectionUser(value);

/**
 * A sign-in has a time. Cognito states one for machines as well, and says with `token_use` that it is Cognito.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
export function hasSignInTime(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}

/** Step 4: how the claims relate. */
export const structureRules: readonly Rule[] = [
  {
    name: 'subject-is-client',
    says: 'machine-shape',
    claims: ['sub'],
    having: 'client',
    when: (_value, { subject, hasSeveralClients }) =>
      subject !== undefined && !hasSeveralClients && mayBeClient(subject),
    words: 'the subject is the client itself',
    source: 'https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2',
  },
  {
    name: 'subject-is-audience',
    says: 'machine-shape',
    claims: ['sub'],
    having: 'audience',
    when: (_value, { subject, client }) => client === undefined && subject !== undefined && mayBeClient(subject),
    words: 'subject and audience are one, and no other client is named',
    source:
      'https://github.com/spring-projects/spring-authorization-server/blob/main/oauth2-authorization-server/src/main/java/org/springframework/security/oauth2/server/authorization/token/JwtGenerator.java',
    clientId: ({ subject }) => subject,
  },
  {
    name: 'subject-is-issuer',
    says: 'machine-shape',
    claims: ['sub'],
    having: 'issuer',
    when: (_value, { claims, subject }) =>
      subject !== undefined &&
      // An assertion is made for an authorization server and says for which.
      (has(claims, 'aud') || pattern.isGoogleServiceAccount(subject)) &&
      !pattern.isOwnKey(subject) &&
      (!pattern.isEmail(subject) || pattern.isGoogleServiceAccount(subject)) &&
      !pattern.isConnectionUser(subject),
    words: 'issued by the subject about itself: a client assertion',
    source: 'https://www.rfc-editor.org/rfc/rfc7523.html#section-3',
    clientId: ({ subject }) => subject,
  },
  {
    name: 'entra-service-principal',
    says: 'machine-shape',
    claims: ['oid'],
    having: 'text',
    when: (value, { claims, subject }) =>
      subject !== undefined &&
      value === subject &&
      has(claims, 'tid') &&
      (has(claims, 'appid') || has(claims, 'azp')) &&
      !has(claims, 'scp') &&
      // The user flows of Azure AD B2C name themselves, and put the user's oid into sub as well.
      !has(claims, 'tfp') &&
      !has(claims, 'acr') &&
      textClaim(claims, 'appidacr') !== '0' &&
      textClaim(claims, 'azpacr') !== '0',
    words: 'subject and object id are one, without delegated permissions',
    source: 'https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference',
  },
  {
    name: 'client-without-subject',
    says: 'machine-shape',
    when: (_value, { claims, subject, client, issuer, scopeList }) =>
      subject === undefined &&
      client !== undefined &&
      claim(claims, 'sub') === undefined &&
      // Token information without an issuer leaves the subject out for people too (Google's tokeninfo).
      (issuer !== undefined || claim(claims, 'token_use') === 'access') &&
      client !== issuer &&
      namesNobody(claims, scopeList),
    words: 'a client, and nobody it acts for',
    source: 'https://docs.duendesoftware.com/identityserver/fundamentals/claims/',
  },
];
