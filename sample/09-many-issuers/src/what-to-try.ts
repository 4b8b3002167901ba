/** What the sample prints at start: tokens of three issuers, and lines to paste. */
export function whatToTry(url: string, tokens: Readonly<Record<string, string>>): string {
  const exports = Object.entries(tokens).map(([name, token]) => `export ${name}=${token}\n`);
  const ask = (what: string, token: string, comment: string): string =>
    `  curl -s ${what.replace('/', `${url}/`)} -H "Authorization: Bearer $${token}"   # ${comment}`;
  return `
Paste the tokens first:

${exports.join('\n')}
Then try:

${[
  ask('/me', 'COGNITO_PERSON', 'human: it has a username'),
  ask('/me', 'COGNITO_MACHINE', 'm2m: it has none'),
  ask('/me', 'KEYCLOAK_PERSON', 'human: a session'),
  ask('/me', 'KEYCLOAK_MACHINE', 'm2m: a service account'),
  ask('/me', 'KEYCLOAK_LEGACY', 'm2m: a user that the profile names as a machine'),
  ask('/me', 'AUTH0_PERSON', 'human: signed in over a connection'),
  ask('/me', 'AUTH0_MACHINE', 'm2m: gty says so'),
  ask('/profile', 'AUTH0_MACHINE', '403: people only'),
  ask('-X POST /sync', 'AUTH0_PERSON', '403: machines only'),
  ask('-X POST /invoices', 'COGNITO_MACHINE', '201: this machine only'),
  ask('-X POST /invoices', 'AUTH0_MACHINE', '403: the same name at another issuer'),
  ask('-i /me', 'BORROWED', '401: an issuer cannot speak for another one'),
  ask('-i /me', 'ELSEWHERE', '401: made for another service'),
].join('\n')}
`;
}
