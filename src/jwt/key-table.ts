import { isPlainObject } from '../options/check.js';
import { importJwk, type VerificationKey } from './verification-key.js';

/** More than any issuer publishes; each costs an import. */
const MAX_KEYS = 256;

/** The usable keys of one key set, by `kid`. Never changes. */
export class KeyTable {
  private readonly byKid = new Map<string, readonly VerificationKey[]>();
  private readonly byId = new Map<string, VerificationKey>();

  /** `previous`: keys that both sets name stay the same object, so that what they have verified stays verified. */
  constructor(jwks: readonly unknown[], previous?: KeyTable) {
    for (const jwk of jwks.slice(0, MAX_KEYS)) {
      const key = importJwk(jwk, previous?.byId);
      if (key === undefined || this.byId.has(key.id)) continue;
      this.byId.set(key.id, key);
      if (key.kid !== undefined) this.byKid.set(key.kid, [...(this.byKid.get(key.kid) ?? []), key]);
    }
    for (const key of previous?.byId.values() ?? []) if (!this.byId.has(key.id)) key.withdrawn = true;
  }

  get size(): number {
    return this.byId.size;
  }

  /** The key of this `kid` for this algorithm. Without a `kid`, the only key that serves the algorithm, if it is the only one. */
  find(kid: string | undefined, alg: string): VerificationKey | undefined {
    if (kid !== undefined) return this.byKid.get(kid)?.find((key) => key.algorithms.has(alg));
    let only: VerificationKey | undefined;
    for (const key of this.byId.values()) {
      if (!key.algorithms.has(alg)) continue;
      if (only !== undefined) return undefined;
      only = key;
    }
    return only;
  }
}

/** The table of a JWK Set document (RFC 7517 section 5), or `undefined` if it is none. Members that are no keys are skipped. */
export function readKeySet(document: unknown, previous?: KeyTable): KeyTable | undefined {
  if (!isPlainObject(document) || !Array.isArray(document['keys'])) return undefined;
  return new KeyTable(document['keys'], previous);
}
