import type { JwtClaims } from '../request/claims.js';
import { isCanonicalBase64Url } from './base64url.js';
import type { RefusalCategory } from './refusal-category.js';
import { parseStrictObject } from './strict-json.js';
import { readTokenHeader, type TokenHeader } from './token-header.js';

/** A token taken apart and not yet verified: nothing in it may be believed. */
export interface CompactToken {
  readonly text: string;
  readonly header: TokenHeader;
  readonly payload: JwtClaims;
  readonly payloadAt: number;
  /** Where the signature starts in `text`; what was signed ends one character before. */
  readonly signatureAt: number;
}

/** Three parts (RFC 7515 section 7.1). An empty signature passes here, so that an unsigned token is refused for its `alg`. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Issuers write few different headers: one for each key. */
const MAX_KNOWN_HEADERS = 64;

/** Takes tokens apart, or says why one cannot be a token. Whoever calls has bounded its length. */
export class TokenReader {
  private readonly knownHeaders = new Map<string, TokenHeader>();

  constructor(private readonly algorithms: ReadonlySet<string>) {}

  read(text: string): CompactToken | RefusalCategory {
    if (!COMPACT.test(text)) return 'malformed';
    const payloadAt = text.indexOf('.') + 1;
    const signatureAt = text.indexOf('.', payloadAt) + 1;
    if (
      !isCanonicalBase64Url(text, 0, payloadAt - 1) ||
      !isCanonicalBase64Url(text, payloadAt, signatureAt - 1) ||
      !isCanonicalBase64Url(text, signatureAt, text.length)
    ) {
      return 'malformed';
    }
    const header = this.headerOf(text.slice(0, payloadAt - 1));
    if (typeof header === 'string') return header;
    if (!this.algorithms.has(header.alg)) return 'algorithm';
    const payload = parseStrictObject(Buffer.from(text.slice(payloadAt, signatureAt - 1), 'base64url'));
    if (payload === undefined) return 'malformed';
    return { text, header, payload, payloadAt, signatureAt };
  }

  /** The token was verified: its header need not be read again. Nobody without a key can fill this memory. */
  remember({ text, header, payloadAt }: CompactToken): void {
    const segment = text.slice(0, payloadAt - 1);
    if (this.knownHeaders.has(segment)) return;
    if (this.knownHeaders.size >= MAX_KNOWN_HEADERS) this.knownHeaders.clear();
    // A slice would keep the whole token in memory; this is a copy.
    this.knownHeaders.set(Buffer.from(segment, 'latin1').toString('latin1'), header);
  }

  private headerOf(segment: string): TokenHeader | RefusalCategory {
    return this.knownHeaders.get(segment) ?? readTokenHeader(segment);
  }
}
