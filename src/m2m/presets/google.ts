import { asClaims, claim, has, objectClaim, textClaim } from '../claims-reader.js';
import { isGoogleServiceAccount } from '../subject-patterns.js';
import { issuerHas, type Preset } from './preset.js';

const CUSTOM_TOKEN_AUDIENCE =
  'https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit';

const ID_TOKENS = 'https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions';
const SERVICE_ACCOUNTS = 'https://cloud.google.com/iam/docs/service-account-types';
const SIGN_IN = 'https://developers.google.com/identity/openid-connect/openid-connect';
const IAP = 'https://cloud.google.com/iap/docs/signed-headers-howto';

export const google: Preset = {
  name: 'google',
  title: 'Google accounts, service accounts and Identity-Aware Proxy',
  sources: [ID_TOKENS, SERVICE_ACCOUNTS, SIGN_IN, IAP],
  clientIdClaims: ['azp', 'client_id'],
  rules: [
    {
      name: 'self-signed',
      kind: 'm2m',
      when: ({ claims, subject, issuer }) =>
        subject !== undefined && subject === issuer && isGoogleServiceAccount(subject) && !has(claims, 'uid'),
      words: 'signed by a service account about itself',
      source: SERVICE_ACCOUNTS,
      clientId: ({ subject }) => subject,
    },
    {
      name: 'delegation-assertion',
      kind: 'unknown',
      when: ({ issuer, subject }) => issuer !== undefined && isGoogleServiceAccount(issuer) && subject !== undefined,
      words: 'signed by a service account about somebody else',
      source: SERVICE_ACCOUNTS,
    },
    {
      name: 'service',
      kind: 'm2m',
      when: ({ issuer }) => issuer !== undefined && isGoogleServiceAccount(issuer),
      words: 'signed by a service account, about nobody else',
      source: SERVICE_ACCOUNTS,
    },
    {
      name: 'service-account',
      kind: 'm2m',
      claims: ['email'],
      when: ({ claims }) => isGoogleServiceAccount(textClaim(claims, 'email') ?? ''),
      words: 'the e-mail of a service account',
    },
    {
      name: 'compute-engine',
      kind: 'm2m',
      claims: ['google'],
      when: ({ claims }) => {
        const details = objectClaim(claims, 'google');
        return details !== undefined && objectClaim(details, 'compute_engine') !== undefined;
      },
      words: 'a Compute Engine instance',
    },
    {
      name: 'account',
      kind: 'human',
      claims: ['email', 'hd', 'at_hash', 'nonce'],
      words: 'a Google account',
      source: SIGN_IN,
    },
    {
      name: 'external-identity',
      kind: 'human',
      claims: ['gcip'],
      when: ({ claims }) => objectClaim(claims, 'gcip') !== undefined,
      words: 'an external identity that Identity-Aware Proxy let in',
      source: IAP,
    },
    {
      name: 'app-user',
      kind: 'human',
      // A service account is its own azp.
      claims: ['azp'],
      when: ({ claims, subject }) =>
        subject !== undefined && textClaim(claims, 'azp')?.endsWith('.apps.googleusercontent.com') === true,
      words: "an application's user",
      source: SIGN_IN,
    },
  ],
  looksLike: ({ issuer }) =>
    issuer === 'https://accounts.google.com' ||
    issuer === 'accounts.google.com' ||
    issuer === 'https://cloud.google.com/iap',
};

const FIREBASE_ID_TOKENS = 'https://firebase.google.com/docs/auth/admin/verify-id-tokens';
const FIREBASE_CUSTOM_TOKENS = 'https://firebase.google.com/docs/auth/admin/create-custom-tokens';

export const firebase: Preset = {
  name: 'firebase',
  title: 'Firebase Authentication, Identity Platform',
  sources: [FIREBASE_ID_TOKENS, FIREBASE_CUSTOM_TOKENS],
  rules: [
    {
      name: 'custom-token',
      kind: 'unknown',
      claims: ['aud'],
      when: ({ claims }) => claim(claims, 'aud') === CUSTOM_TOKEN_AUDIENCE,
      words: 'a custom token, to be exchanged for an ID token',
      source: FIREBASE_CUSTOM_TOKENS,
    },
    {
      name: 'sign-in',
      kind: 'human',
      claims: ['firebase'],
      when: ({ claims }) => asClaims(claim(claims, 'firebase')) !== undefined,
      words: 'an ID token of a sign-in',
    },
  ],
  looksLike: issuerHas('//securetoken.google.com/'),
};
