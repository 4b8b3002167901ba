import { auth0 } from './auth0.js';
import { cognito } from './cognito.js';
import { firebase, google } from './google.js';
import * as identityServices from './identity-services.js';
import { keycloak } from './keycloak.js';
import { azureB2c, entra } from './microsoft.js';
import { okta } from './okta.js';
import type { Preset } from './preset.js';
import * as standard from './standard.js';
import * as suites from './suites.js';
import * as workloads from './workloads.js';

/** Every preset; the docs page has the same table. */
export function allPresets(): readonly Preset[] {
  return [
    ...[cognito, auth0, okta, entra, azureB2c, keycloak, google, firebase],
    ...[standard.ping, standard.hydra, standard.duende, standard.spring, standard.logto, standard.openiddict],
    ...[identityServices.zitadel, identityServices.fusionauth, identityServices.supabase, identityServices.clerk],
    ...[identityServices.workos, identityServices.kinde, identityServices.stytch, identityServices.frontegg],
    ...[identityServices.cloudflareAccess],
    ...[suites.wso2, suites.oracle, suites.ibmCloud, suites.sap, suites.pingam, suites.authentik],
    ...[workloads.kubernetes, workloads.spiffe, workloads.githubActions, workloads.gitlab],
    standard.rfc9068,
  ];
}

export function presetNames(): readonly string[] {
  return allPresets().map((preset) => preset.name);
}

export function findPreset(name: string): Preset | undefined {
  return allPresets().find((preset) => preset.name === name);
}
