import { isCanonicalBase64Url } from './base64url.js';

/** A token cut into its three parts: nothing in it may be believed. */
export interface CompactToken {
  readonly text: string;
  readonly payloadAt: number;
  /** Where the signature starts in `text`; what was signed ends one character before. */
  readonly signatureAt: number;
}

/** Three parts (RFC 7515 section 7.1). An empty signature passes here, so that an unsigned token is refused for its `alg`. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Cuts a token up, or `undefined` if it cannot be one: not three parts, or not of strict base64url. */
export function cutToken(text: string): CompactToken | undefined {
  if (!COMPACT.test(text)) return undefined;
  const payloadAt = text.indexOf('.') + 1;
  const signatureAt = text.indexOf('.', payloadAt) + 1;
  const isCanonical =
    isCanonicalBase64Url(text, 0, payloadAt - 1) &&
    isCanonicalBase64Url(text, payloadAt, signatureAt - 1) &&
    isCanonicalBase64Url(text, signatureAt, text.length);
  return isCanonical ? { text, payloadAt, signatureAt } : undefined;
}

export function headerSegment({ text, payloadAt }: CompactToken): string {
  return text.slice(0, payloadAt - 1);
}

export function payloadSegment({ text, payloadAt, signatureAt }: CompactToken): string {
  return text.slice(payloadAt, signatureAt - 1);
}
