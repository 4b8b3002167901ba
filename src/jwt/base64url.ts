const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Whether a text of base64url characters is what an encoder writes (RFC 4648 sections 3.5 and 5): a length that occurs, and
 * zeros in the bits of the last character that belong to no byte. Node's own decoder skips what it does not know and
 * ignores those bits, so that one token could be written in several ways.
 */
export function isCanonicalBase64Url(token: string, start: number, end: number): boolean {
  const rest = (end - start) & 3;
  if (rest === 0) return true;
  if (rest === 1) return false;
  const unused = rest === 2 ? 0b1111 : 0b11;
  return (ALPHABET.indexOf(token.charAt(end - 1)) & unused) === 0;
}
