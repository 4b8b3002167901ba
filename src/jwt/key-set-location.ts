import { isPlainObject } from '../options/check.js';
import { FetchProblem, fetchJson } from './fetch-json.js';
import { isSafeUrl, metadataUrls } from './issuer-url.js';

/** Says where the key set of an issuer is. */
export interface KeySetLocation {
  resolve(signal: AbortSignal): Promise<string>;
  /** The keys were not where it said. */
  forget(): void;
}

export function fixedLocation(jwksUri: string): KeySetLocation {
  return { resolve: () => Promise.resolve(jwksUri), forget: () => undefined };
}

const REMEMBERED_MS = 24 * 60 * 60 * 1000;

/**
 * Asks the issuer's metadata (OpenID Connect Discovery 1.0, RFC 8414), and asks again after a day or when the keys were
 * not where it said. What it says of itself must be the configured issuer, character by character (RFC 8414 section 3.3).
 */
export class DiscoveredLocation implements KeySetLocation {
  private known: string | undefined;
  private knownUntil = 0;

  constructor(
    private readonly issuer: string,
    private readonly now: () => number,
  ) {}

  async resolve(signal: AbortSignal): Promise<string> {
    if (this.known !== undefined && this.now() < this.knownUntil) return this.known;
    const metadata = await this.fetchMetadata(signal);
    if (!isPlainObject(metadata) || metadata['issuer'] !== this.issuer) {
      throw new FetchProblem('its metadata names another issuer');
    }
    const uri = metadata['jwks_uri'];
    // An issuer behind https does not send anybody to plain http, on this machine or elsewhere.
    if (!isSafeUrl(uri) || (this.issuer.startsWith('https:') && !uri.startsWith('https:'))) {
      throw new FetchProblem('its metadata names no jwks_uri that may be asked');
    }
    this.known = uri;
    this.knownUntil = this.now() + REMEMBERED_MS;
    return uri;
  }

  forget(): void {
    this.known = undefined;
  }

  private async fetchMetadata(signal: AbortSignal): Promise<unknown> {
    const [openid, oauth] = metadataUrls(this.issuer);
    try {
      return await fetchJson(openid!, signal);
    } catch (error) {
      const status = (error as FetchProblem).statusCode;
      if (status !== 404) throw error;
      return fetchJson(oauth!, signal);
    }
  }
}
