/** What a token says of itself, believed by nobody. */
export interface UnverifiedToken {
  readonly header: unknown;
  readonly claims: unknown;
}

/**
 * Reads a token, a header line with one, or the JSON of its claims. Answers with a sentence for a person where it is
 * none of these; it never throws, and the sentence quotes nothing of the input.
 */
export function readUnverified(input: string): UnverifiedToken | string {
  const text = input.replace(/^\uFEFF/, '').trim();
  if (text === '') return 'There is nothing to read: give a token, a file that holds one, or - for standard input.';
  if (text.startsWith('{') || text.startsWith('[')) {
    const claims = parsed(text);
    return claims === undefined ? 'This looks like JSON and is none.' : { header: undefined, claims };
  }
  const token = text.replace(/^(?:authorization:\s*)?(?:bearer|dpop)\s+/i, '').replace(/^["']|["']$/g, '');
  const parts = token.split('.');
  const header = decoded(parts[0]!);
  if (parts.length === 5 && header !== undefined)
    return 'This is an encrypted token (JWE): its claims cannot be read without the key.';
  const claims = parts.length === 3 ? decoded(parts[1]!) : undefined;
  // A mistyped file name may have two dots, too.
  if (parts.length !== 3 || (header === undefined && claims === undefined))
    return 'This is no signed token (three parts with dots between) and no file. An opaque token has no claims to read.';
  if (claims === undefined) return 'The middle part of this token is no base64url of JSON.';
  return { header, claims };
}

function decoded(part: string): unknown {
  // Buffer skips what is not base64; a token with such characters is none.
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(part)) return undefined;
  return parsed(Buffer.from(part, 'base64url').toString('utf8'));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
