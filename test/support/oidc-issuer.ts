// An OpenID provider as it runs in production: oidc-provider on the loopback, with clients for both grants and a browser that
// walks through its pages. Its keys can be exchanged while it runs.
import { createHash, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of oidc-provider as is used here: it brings no types. */
interface Provider {
  callback(): RequestListener;
}
type ProviderClass = new (issuer: string, configuration: object) => Provider;

/** Not a literal where it is imported: TypeScript would look for its types. */
const PACKAGE: string = 'oidc-provider';

export const RESOURCE = 'https://orders.example.com';
const SCOPES = 'orders:read orders:write';
const REDIRECT = 'http://127.0.0.1:9/callback';
const WEB = { client_id: 'shop', client_secret: 'the-secret-of-the-shop-application' };
const SERVICE = { client_id: 'billing', client_secret: 'the-secret-of-the-billing-service' };

export interface SignedIn {
  readonly accessToken: string;
  readonly idToken: string;
}

export class OidcIssuer {
  private keys: object[];
  private answer: RequestListener = () => undefined;
  private readonly counts = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    private readonly ProviderClass: ProviderClass,
    private readonly algorithm: 'RS256' | 'ES256',
  ) {
    this.keys = [makeKey(algorithm)];
  }

  static async start(algorithm: 'RS256' | 'ES256'): Promise<OidcIssuer> {
    const { default: ProviderClass } = await quietly<{ default: ProviderClass }>(() => import(PACKAGE));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = new OidcIssuer(server, ProviderClass, algorithm);
    await issuer.serve();
    server.on('request', (request, response) => {
      const path = request.url!.split('?')[0]!;
      issuer.counts.set(path, (issuer.counts.get(path) ?? 0) + 1);
      issuer.answer(request, response);
    });
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  requestCount(path: string): number {
    return this.counts.get(path) ?? 0;
  }

  /** Signs with a new key from now on, and still publishes the old ones. */
  rotate(): Promise<void> {
    this.keys = [makeKey(this.algorithm), ...this.keys];
    return this.serve();
  }

  /** Publishes the newest key only. */
  withdrawOldKeys(): Promise<void> {
    this.keys = this.keys.slice(0, 1);
    return this.serve();
  }

  /** The access token of a machine: RFC 6749 section 4.4. */
  async clientCredentials(): Promise<string> {
    const form = { grant_type: 'client_credentials', resource: RESOURCE, scope: SCOPES };
    return (await this.token({ ...form, ...SERVICE })).access_token;
  }

  /** Signs a person in: RFC 6749 section 4.1 with RFC 7636, through the login page and the page that asks for consent. */
  async authorizationCode(login: string): Promise<SignedIn> {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      client_id: WEB.client_id,
      response_type: 'code',
      redirect_uri: REDIRECT,
      scope: `openid ${SCOPES}`,
      resource: RESOURCE,
      state: randomUUID(),
      nonce: randomUUID(),
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    });
    const browser = new Browser(REDIRECT);
    let page = await browser.open(`${this.url}/auth?${query.toString()}`);
    while (!page.url.startsWith(REDIRECT)) page = await browser.submit(page, { login, password: 'any will do' });
    const answer = new URL(page.url).searchParams;
    if (answer.get('state') !== query.get('state')) throw new Error(`no code: ${answer.toString()}`);
    const form = { grant_type: 'authorization_code', code: answer.get('code')!, redirect_uri: REDIRECT };
    const tokens = await this.token({ ...form, code_verifier: verifier, resource: RESOURCE, ...WEB });
    return { accessToken: tokens.access_token, idToken: tokens.id_token! };
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  /** The same issuer with other keys is another instance: sessions and clients stay where they are. */
  private async serve(): Promise<void> {
    const { algorithm } = this;
    const common = { id_token_signed_response_alg: algorithm, token_endpoint_auth_method: 'client_secret_post' };
    const configuration = {
      jwks: { keys: this.keys },
      cookies: { keys: ['of the cookies'] },
      clients: [
        { ...SERVICE, ...common, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
        { ...WEB, ...common, grant_types: ['authorization_code'], response_types: ['code'], redirect_uris: [REDIRECT] },
      ],
      findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
      ttl: { AccessToken: 3600, ClientCredentials: 3600, IdToken: 3600, Interaction: 3600, Session: 3600, Grant: 3600 },
      features: {
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({
            scope: SCOPES,
            audience: RESOURCE,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: algorithm } },
          }),
        },
      },
    };
    const provider = await quietly(() => new this.ProviderClass(this.url, configuration));
    this.answer = provider.callback();
  }

  private async token(form: Record<string, string>): Promise<{ access_token: string; id_token?: string }> {
    const response = await fetch(`${this.url}/token`, { method: 'POST', body: new URLSearchParams(form) });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as { access_token: string; id_token?: string };
  }
}

interface Page {
  readonly url: string;
  readonly html: string;
}

/** Follows redirects, keeps cookies, fills in forms. */
class Browser {
  private readonly cookies = new Map<string, string>();

  /** `until`: the application that the person comes back to. Nobody listens there. */
  constructor(private readonly until: string) {}

  async open(url: string, form?: URLSearchParams): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form === undefined ? {} : { method: 'POST', body: form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const at = pair!.indexOf('=');
      this.cookies.set(pair!.slice(0, at), pair!.slice(at + 1));
    }
    const location = response.headers.get('location');
    if (location === null) {
      const html = await response.text();
      if (!response.ok) throw new Error(`${url}: ${response.status} ${html}`);
      return { url, html };
    }
    const next = new URL(location, url).href;
    return next.startsWith(this.until) ? { url: next, html: '' } : this.open(next);
  }

  /** Sends the page's form: what it has filled in itself, and the named fields if it has them. */
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const action = /<form[^>]*action="([^"]+)"/.exec(page.html)?.[1];
    if (action === undefined) throw new Error(`no form on ${page.url}: ${page.html}`);
    const form = new URLSearchParams();
    for (const [input] of page.html.matchAll(/<input[^>]*>/g)) {
      const name = /name="([^"]+)"/.exec(input)?.[1];
      if (name !== undefined) form.set(name, fields[name] ?? /value="([^"]*)"/.exec(input)?.[1] ?? '');
    }
    return this.open(new URL(action, page.url).href, form);
  }
}

/** It warns of every setting that is for development only, which is what this is. */
async function quietly<T>(make: () => T | Promise<T>): Promise<T> {
  const { info, warn } = console;
  console.info = console.warn = () => undefined;
  try {
    return await make();
  } finally {
    Object.assign(console, { info, warn });
  }
}

function makeKey(algorithm: 'RS256' | 'ES256'): object {
  const { privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: algorithm };
}
