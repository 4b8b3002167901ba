import { TestIssuer } from 'nestjs-auth-services/testing';
import type { IssuerUrls } from './issuers.js';

/** Stand-ins for a Cognito user pool, a Keycloak realm and an Auth0 tenant, each with its own key. */
export interface StandIns {
  readonly cognito: TestIssuer;
  readonly keycloak: TestIssuer;
  readonly auth0: TestIssuer;
}

export async function startStandIns(): Promise<StandIns> {
  const [cognito, keycloak, auth0] = await Promise.all([
    TestIssuer.start(),
    TestIssuer.start({ algorithm: 'PS256' }),
    TestIssuer.start({ algorithm: 'ES256' }),
  ]);
  return { cognito, keycloak, auth0 };
}

export const urlsOf = ({ cognito, keycloak, auth0 }: StandIns): IssuerUrls => ({
  cognito: cognito.issuer,
  keycloak: keycloak.issuer,
  auth0: auth0.issuer,
});

/** Tokens of each issuer in its own shape, by the name of the variable to paste them into. */
export async function sampleTokens({ cognito, keycloak, auth0 }: StandIns): Promise<Record<string, string>> {
  const orders = { aud: 'orders' };
  const api = { aud: 'https://orders.example.com' };
  return {
    COGNITO_PERSON: await cognito.human('cognito', { aud: undefined, sub: 'alice', client_id: 'shop-app' }),
    COGNITO_MACHINE: await cognito.m2m('cognito', { aud: undefined, sub: 'billing', client_id: 'billing' }),
    KEYCLOAK_PERSON: await keycloak.human('keycloak', { ...orders, sub: 'alice' }),
    KEYCLOAK_MACHINE: await keycloak.m2m('keycloak', { ...orders, client_id: 'billing', azp: 'billing' }),
    KEYCLOAK_LEGACY: await keycloak.human('keycloak', { ...orders, sub: 'legacy-importer', azp: 'importer' }),
    AUTH0_PERSON: await auth0.human('auth0', { ...api, sub: 'auth0|alice' }),
    AUTH0_MACHINE: await auth0.m2m('auth0', { ...api, sub: 'billing@clients', azp: 'billing' }),
    // Signed by Keycloak's key, and it says that it comes from Cognito.
    BORROWED: await keycloak.m2m('cognito', { iss: cognito.issuer, aud: undefined, client_id: 'billing' }),
    // A token of Keycloak for another service.
    ELSEWHERE: await keycloak.human('keycloak', { aud: 'other-service' }),
  };
}
