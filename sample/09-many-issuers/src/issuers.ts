import type { M2MProfile, M2MProvider } from 'nestjs-auth-services';
import type { JwtIssuer } from 'nestjs-auth-services/jwt';

/** Whose tokens this application takes: how they are verified, and how their machines are known. */
export interface KnownIssuer {
  readonly name: string;
  readonly trust: JwtIssuer;
  readonly preset: M2MProvider | M2MProfile;
}

/** The exact `iss` of the tokens. In production `https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc` and so on. */
export interface IssuerUrls {
  readonly cognito: string;
  readonly keycloak: string;
  readonly auth0: string;
}

export function issuers({ cognito, keycloak, auth0 }: IssuerUrls): readonly KnownIssuer[] {
  return [
    {
      name: 'cognito',
      // Access tokens of Cognito have no audience: the app clients that may call are named instead.
      trust: { issuer: cognito, audience: ['shop-app', 'billing'] },
      preset: 'cognito',
    },
    {
      name: 'keycloak',
      trust: { issuer: keycloak, audience: 'orders' },
      // A service that signs in with a user of its own, from the time before service accounts.
      preset: { extends: 'keycloak', serviceAccounts: ['legacy-importer'] },
    },
    {
      name: 'auth0',
      trust: { issuer: auth0, audience: 'https://orders.example.com', algorithms: ['ES256'] },
      preset: 'auth0',
    },
  ];
}
