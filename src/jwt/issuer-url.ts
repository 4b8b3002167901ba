/** Addresses of this machine itself, as `URL` writes them. */
const LOOPBACK = /^(localhost|[^.]+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Keys are only fetched over https; http is for an issuer on this machine, as in tests. */
export function isSafeUrl(text: unknown): text is string {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}

/**
 * Where an issuer's metadata may be: OpenID Connect Discovery 1.0 section 4 appends, RFC 8414 section 3.1 inserts before
 * the path.
 */
export function metadataUrls(issuer: string): readonly string[] {
  const trimmed = issuer.replace(/\/$/, '');
  const { origin, pathname } = new URL(trimmed);
  return [
    `${trimmed}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${pathname === '/' ? '' : pathname}`,
  ];
}
