import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { M2MProvider } from '../m2m/m2m.options.js';
import { nearest } from '../options/check.js';
import { OptionsError } from '../options/options-error.js';
import { PROVIDER_TOKENS } from './provider-tokens/index.js';
import { TEST_AUDIENCE, TEST_SERVICE, type ProviderTokens } from './provider-tokens/provider-tokens.js';
import { TokenSigner } from './token-signer.js';

type Claims = Readonly<Record<string, unknown>>;

/** What `TestIssuer.start` takes. */
export interface TestIssuerOptions {
  /** The port to listen on, on this machine only. Default: any that is free. */
  port?: number | undefined;
  /** RS, PS or ES with 256, 384 or 512, or EdDSA. @default 'RS256' */
  algorithm?: string | undefined;
  /** Epoch milliseconds, for `iat` and `exp`. Default: the wall clock. */
  now?: (() => number) | undefined;
}

const TOKEN_SECONDS = 3600;
const MAX_FORM_BYTES = 16_384;

/**
 * A real issuer on this machine: metadata, key set and a token endpoint for client credentials over HTTP, and tokens in
 * the shape of each provider, signed with a real key.
 *
 * Every token has `iss`, `aud: 'api'`, `iat`, `exp` in one hour and a `jti` of its own. Claims that you give replace these;
 * `undefined` takes one away: `issuer.human('cognito', { aud: undefined })` is what Cognito itself issues.
 *
 * @example
 * ```ts
 * const issuer = await TestIssuer.start();
 * JwtAuthModule.forRoot({ issuers: [{ issuer: issuer.issuer, audience: 'api' }] });
 * await fetch('http://localhost:3000/me', { headers: { authorization: `Bearer ${await issuer.human()}` } });
 * await issuer.stop();
 * ```
 */
export class TestIssuer {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly tokenEndpoint: string;
  private readonly counts = new Map<string, number>();
  private published: object[];
  private isOut = false;
  private delayMs = 0;

  private constructor(
    private readonly server: Server,
    private signer: TokenSigner,
    private readonly now: () => number,
  ) {
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.jwksUri = `${this.issuer}/jwks`;
    this.tokenEndpoint = `${this.issuer}/token`;
    this.published = [signer.jwk];
  }

  /** Makes a key pair and listens on this machine. */
  static async start(options: TestIssuerOptions = {}): Promise<TestIssuer> {
    const signer = await TokenSigner.create(options.algorithm ?? 'RS256');
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    const issuer = new TestIssuer(server, signer, options.now ?? Date.now);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => issuer.receive(request, response));
    // A test that forgets to stop it still ends.
    server.unref();
    return issuer;
  }

  /** An access token of a person. Without a provider in the shape of RFC 9068. */
  human(provider: M2MProvider = 'rfc9068', claims: Claims = {}): Promise<string> {
    return this.tokenOf('human', provider, claims);
  }

  /** An access token of a machine. Without a provider in the shape of RFC 9068. */
  m2m(provider: M2MProvider = 'rfc9068', claims: Claims = {}): Promise<string> {
    return this.tokenOf('m2m', provider, claims);
  }

  /** A token with these claims, and `iss`, `sub`, `aud`, `iat`, `exp` and `jti` where they are not given. */
  sign(claims: Claims = {}, header: Claims = {}): Promise<string> {
    const defaults = { sub: 'test-subject', aud: TEST_AUDIENCE };
    return Promise.resolve(this.signer.sign({ ...this.standardClaims(), ...defaults, ...claims }, header));
  }

  /** Signs with a new key from now on. The key set then holds the new key only, or the older ones too. */
  async rotateKeys(options: { keepPrevious?: boolean | undefined } = {}): Promise<void> {
    this.signer = await TokenSigner.create(this.signer.algorithm);
    this.published = [this.signer.jwk, ...(options.keepPrevious === true ? this.published : [])];
  }

  /** Puts these keys into the key set instead, as they are. */
  publishKeys(keys: readonly object[]): void {
    this.published = [...keys];
  }

  /** The public key that tokens are signed with now, as the key set shows it. */
  get jwk(): Claims {
    return { ...this.signer.jwk };
  }

  /** From now on every request is answered with a 503, or as usual again. */
  outage(isOut = true): void {
    this.isOut = isOut;
  }

  /** From now on every answer takes so long; 0: none does. */
  answerAfter(delayMs: number): void {
    this.delayMs = delayMs;
  }

  /** How many requests came, to all paths or to this one. */
  requestCount(path?: string): number {
    if (path !== undefined) return this.counts.get(path) ?? 0;
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Closes the port and every connection. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private standardClaims(): Claims {
    const seconds = Math.floor(this.now() / 1000);
    return { iss: this.issuer, iat: seconds, exp: seconds + TOKEN_SECONDS, jti: randomUUID() };
  }

  private tokenOf(kind: 'human' | 'm2m', provider: string, claims: Claims): Promise<string> {
    const tokens = Object.hasOwn(PROVIDER_TOKENS, provider) ? PROVIDER_TOKENS[provider] : undefined;
    const make = tokens?.[kind];
    if (tokens === undefined || make === undefined) return Promise.reject(unknownShape(kind, provider, tokens));
    const payload = {
      ...this.standardClaims(),
      aud: TEST_AUDIENCE,
      ...make(Math.floor(this.now() / 1000)),
      ...claims,
    };
    return Promise.resolve(this.signer.sign(payload, { typ: tokens.typ ?? 'JWT' }));
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?')[0]!;
    this.counts.set(path, (this.counts.get(path) ?? 0) + 1);
    const answer = (): void => {
      if (this.isOut) send(response, 503, { error: 'temporarily_unavailable' });
      else this.answer(request, path, response);
    };
    if (this.delayMs > 0) setTimeout(answer, this.delayMs).unref();
    else answer();
  }

  private answer(request: IncomingMessage, path: string, response: ServerResponse): void {
    switch (path) {
      case '/.well-known/openid-configuration':
      case '/.well-known/oauth-authorization-server':
        return send(response, 200, this.metadata());
      case '/jwks':
        return send(response, 200, { keys: this.published });
      case '/token':
        void this.answerToken(request, response);
        return;
      default:
        send(response, 404, { error: 'not_found' });
    }
  }

  private metadata(): object {
    return {
      issuer: this.issuer,
      jwks_uri: this.jwksUri,
      token_endpoint: this.tokenEndpoint,
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      id_token_signing_alg_values_supported: [this.signer.algorithm],
    };
  }

  /** RFC 6749 section 4.4. Any client and any secret will do: it is the token that is tested. */
  private async answerToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await textOf(request));
    if (request.method !== 'POST' || form.get('grant_type') !== 'client_credentials') {
      return send(response, 400, { error: 'unsupported_grant_type' });
    }
    const clientId = clientOf(request, form) ?? TEST_SERVICE;
    const scope = form.get('scope') ?? 'read write';
    const token = await this.m2m('rfc9068', { sub: clientId, client_id: clientId, scope });
    send(response, 200, { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope });
  }
}

function clientOf(request: IncomingMessage, form: URLSearchParams): string | undefined {
  const [scheme, credentials] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() === 'basic' && credentials !== undefined) {
    return decodeURIComponent(Buffer.from(credentials, 'base64').toString().split(':')[0]!);
  }
  return form.get('client_id') ?? undefined;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_FORM_BYTES) break;
  }
  return text;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function unknownShape(kind: 'human' | 'm2m', provider: string, tokens: ProviderTokens | undefined): OptionsError {
  const who = kind === 'human' ? 'people' : 'machines';
  const known = Object.keys(PROVIDER_TOKENS);
  const near = nearest(provider, known);
  const fix = near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean ${JSON.stringify(near)}?`;
  return new OptionsError(
    'ERR_AUTH_SERVICES_M2M_PROVIDER',
    tokens !== undefined
      ? `TestIssuer.${kind}(provider): ${provider} issues no tokens for ${who}.`
      : `TestIssuer.${kind}(provider): no tokens of ${JSON.stringify(provider)} are known here. ${fix}`,
  );
}
