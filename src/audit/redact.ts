export const REDACTED = '[redacted]';

/** A name of `audit.redact` with dots in it, as a way from the event down. */
export interface RedactedPath {
  readonly below: Map<string, RedactedPath>;
  end: boolean;
}

const DENIED_PART =
  /passw(?:or)?d|passphrase|secret|apikey|privatekey|signingkey|credential|authorization|cookie|codeverifier|clientassertion|samlresponse|cardnumber/;
const DENIED_END = /(?:token|tokens|jwt)$/;
const DENIED_WHOLE: ReadonlySet<string> = new Set(
  'pwd pin otp totp cvv cvc ssn sid bearer session sessionid assertion privatekey'.split(' '),
);
const MAX_KNOWN_KEYS = 2048;

/** Any of these must be there before it is worth looking closely; most text has none. */
const SUSPECT = /eyJ|=|":|:\/\/|bearer |basic |dpop |-----BEGIN/i;

// A JSON Web Token, also one that was cut: the base64url of `{"` starts with eyJ.
const JWT = /(?<![A-Za-z0-9])eyJ[\w-]{8,}(?:\.[\w-]*)*/g;
// RFC 6750 and RFC 9449: the token is one word of these characters.
const BEARER = /\b(bearer|dpop)(\s+)[\w.~+/=-]+/gi;
// RFC 7617: base64 of user:password.
const BASIC = /\b(basic\s+)([\w+/-]{4,}={0,2})/gi;
const PAIR = /(^|[?&;,\s])([\w.-]{1,64})=([^&;,\s#]+)/g;
const JSON_PAIR = /"([\w.-]{1,64})"(\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|\d[\d.]*)/g;
const USERINFO = /(:\/\/)[^\s/@:]*:[^\s/@]*@/g;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

const normalised = (key: string): string => key.toLowerCase().replaceAll(/[-_.\s]/g, '');

/**
 * Finds secrets by the name of their key and by their shape. Names: whatever looks like a password, a token, a key, a
 * cookie or a session, in any spelling. Shapes: JSON Web Tokens, `Bearer` and `Basic` credentials, private keys, user
 * and password in an address, and `name=value` or `"name":"value"` whose name is denied.
 */
export class Redactor {
  /** Where the names with dots start; `undefined` if there are none. */
  readonly paths: RedactedPath | undefined;
  private readonly names = new Set<string>();
  private readonly known = new Map<string, boolean>();

  constructor(extra: readonly string[] = []) {
    const root: RedactedPath = { below: new Map(), end: false };
    for (const name of extra) {
      if (name.includes('.')) addPath(root, name.split('.'));
      else this.names.add(normalised(name));
    }
    this.paths = root.below.size > 0 ? root : undefined;
  }

  /** Whether what lies under this key is a secret. */
  denies(key: string): boolean {
    let denied = this.known.get(key);
    if (denied === undefined) {
      const name = normalised(key);
      denied = this.names.has(name) || DENIED_WHOLE.has(name) || DENIED_PART.test(name) || DENIED_END.test(name);
      if (this.known.size < MAX_KNOWN_KEYS && key.length <= 64) this.known.set(key, denied);
    }
    return denied;
  }

  /** Whether a field of the event itself was named in `audit.redact`. */
  deniesField(field: string): boolean {
    const name = normalised(field);
    return this.names.has(name) || this.paths?.below.get(name)?.end === true;
  }

  /** The text without the secrets that show by their shape. */
  text(text: string): string {
    if (text.length < 8 || !SUSPECT.test(text)) return text;
    return text
      .replaceAll(PRIVATE_KEY, REDACTED)
      .replaceAll(BEARER, `$1$2${REDACTED}`)
      .replaceAll(BASIC, (whole, scheme: string, value: string) =>
        Buffer.from(value, 'base64').includes(':') ? scheme + REDACTED : whole,
      )
      .replaceAll(JWT, REDACTED)
      .replaceAll(USERINFO, `$1${REDACTED}@`)
      .replaceAll(PAIR, (whole, before: string, key: string) =>
        this.denies(key) ? `${before}${key}=${REDACTED}` : whole,
      )
      .replaceAll(JSON_PAIR, (whole, key: string, colon: string) =>
        this.denies(key) ? `"${key}"${colon}"${REDACTED}"` : whole,
      );
  }
}

/** The next step of a way, if the key is on one. */
export function pathBelow(path: RedactedPath | undefined, key: string): RedactedPath | undefined {
  return path === undefined ? undefined : path.below.get(normalised(key));
}

function addPath(root: RedactedPath, keys: readonly string[]): void {
  let node = root;
  for (const key of keys) {
    const name = normalised(key);
    let next = node.below.get(name);
    if (next === undefined) node.below.set(name, (next = { below: new Map(), end: false }));
    node = next;
  }
  node.end = true;
}
