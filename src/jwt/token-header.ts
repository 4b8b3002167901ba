import type { JwtClaims } from '../request/claims.js';
import type { RefusalCategory } from '../request/refusal-category.js';
import { parseStrictObject } from './strict-json.js';

/** The header parameters that are read. `jwk`, `jku`, `x5u`, `x5c` and the rest never are: who sends the token chose them. */
export interface TokenHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly typ: string | undefined;
}

const MAX_KID_LENGTH = 256;

/** The header of a token, from its text, or why it is refused. */
export function readTokenHeader(text: string | undefined): TokenHeader | RefusalCategory {
  const header = text === undefined ? undefined : parseStrictObject(text);
  if (header === undefined) return 'malformed';
  // RFC 7515 section 4.1.11: an extension that is not understood makes the token invalid. We understand none.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return 'unsupported';
  const alg = own(header, 'alg');
  if (typeof alg !== 'string') return 'algorithm';
  const kid = own(header, 'kid');
  if (kid !== undefined && (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH)) return 'key';
  const typ = own(header, 'typ');
  if (typ !== undefined && typeof typ !== 'string') return 'type';
  return { alg, kid, typ };
}

/** Own properties only: a polluted `Object.prototype` speaks for no token. */
function own(object: JwtClaims, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
