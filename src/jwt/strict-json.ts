import type { JwtClaims } from '../request/claims.js';

/** Deeper than any real token; what comes after us may walk the claims recursively. */
const MAX_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * The JSON object that `text` holds, deeply frozen, or `undefined` for anything else: another JSON value, a key that occurs
 * twice in one object (RFC 7519 section 4 leaves open which one counts, so two readers may disagree), a key `__proto__` or a
 * path `constructor.prototype`, or more than 32 levels. The error of `JSON.parse` quotes its input and goes nowhere.
 */
export function parseStrictObject(text: string): JwtClaims | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return strictly(text, value);
}

/** The same for somebody else's `JSON.parse(text)`. */
export function strictly(text: string, value: unknown): JwtClaims | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const written = membersWritten(text);
  // JSON.parse lets the last of two equal keys win: then fewer are left than were written.
  return written >= 0 && freeze(value) === written ? (value as JwtClaims) : undefined;
}

/** How many `key: value` pairs valid JSON text holds, at all levels; -1 if it is nested too deeply. */
function membersWritten(text: string): number {
  let members = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE:
        index = endOfString(text, index + 1);
        break;
      case COLON:
        members++;
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > MAX_DEPTH) return -1;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
    }
  }
  return members;
}

/** The index of the quote that closes the string whose content starts at `from`. Jumps from quote to quote: most of a token is text. */
function endOfString(text: string, from: number): number {
  for (;;) {
    const quote = text.indexOf('"', from);
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++;
    // An even number of backslashes are pairs, each one an escaped backslash, and the quote stands for itself.
    if (backslashes % 2 === 0) return quote;
    from = quote + 1;
  }
}

/** Freezes the value and all in it, and returns how many keys it has at all levels; `NaN` if one of them leads to a prototype. */
function freeze(value: object): number {
  let members = 0;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      if (typeof item === 'object' && item !== null) members += freeze(item);
    }
  } else {
    const object = value as Record<string, unknown>;
    // Inherited names count too: where Object.prototype is polluted, nothing that is read from a token means anything.
    // oxlint-disable-next-line guard-for-in
    for (const key in object) {
      // As data it is harmless, but Object.assign() further on would make it the copy's prototype.
      if (key === '__proto__') return Number.NaN;
      members++;
      const item = object[key];
      if (typeof item !== 'object' || item === null) continue;
      // The other way to the prototype of a copy that is merged deeply: no issuer writes such a claim.
      if (key === 'constructor' && Object.hasOwn(item, 'prototype')) return Number.NaN;
      members += freeze(item);
    }
  }
  Object.freeze(value);
  return members;
}
