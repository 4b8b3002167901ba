import type { TokenHeader } from './token-header.js';
import type { TrustedIssuer } from './trusted-issuer.js';

/** Whose tokens had this header when they were verified. */
export interface FamiliarHeader {
  readonly header: TokenHeader;
  readonly issuer: TrustedIssuer;
}

/** Issuers write few different headers: one for each key. */
const MAX_HEADERS = 64;

/**
 * The headers of tokens that were verified, as they were written. They name an issuer to ask first, before the payload is
 * read; that it is the right one is for the payload to say. Nobody without a key can fill this memory.
 */
export class FamiliarHeaders {
  private readonly bySegment = new Map<string, FamiliarHeader>();

  find(segment: string): FamiliarHeader | undefined {
    return this.bySegment.get(segment);
  }

  remember(segment: string, familiar: FamiliarHeader): void {
    if (this.bySegment.size >= MAX_HEADERS) this.bySegment.clear();
    // A slice would keep the whole token in memory; this is a copy.
    this.bySegment.set(Buffer.from(segment, 'latin1').toString('latin1'), familiar);
  }
}
