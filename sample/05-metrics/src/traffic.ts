import type { TestIssuer } from 'nestjs-auth-services/testing';

/** Requests as a day brings them: good tokens, expired ones, and one that somebody has changed. */
export async function makeTraffic(url: string, issuer: TestIssuer): Promise<void> {
  const good = await issuer.human('cognito', { sub: 'bob' });
  const seconds = Math.floor(Date.now() / 1000);
  const expired = await issuer.human('cognito', { sub: 'carol', iat: seconds - 7200, exp: seconds - 3600 });
  const call = async (token: string, times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      const response = await fetch(`${url}/orders`, { headers: { authorization: `Bearer ${token}` } });
      await response.arrayBuffer();
    }
  };
  await call(good, 40);
  await call(expired, 6);
  await call(changed(good, { sub: 'root' }), 4);
}

/** Other claims under the old signature. */
function changed(token: string, claims: object): string {
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const original = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const other = Buffer.from(JSON.stringify({ ...original, ...claims })).toString('base64url');
  return `${header}.${other}.${signature}`;
}
