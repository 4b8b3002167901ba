import type { KeyTable } from './key-table.js';
import type { VerificationKey } from './verification-key.js';

/** Why there is no key: the issuer has none of this name, or cannot be asked. */
export type KeyMiss = 'key' | 'keys_unavailable';

/** Where the keys of one issuer come from. */
export interface KeySource {
  /** The key, at once if it is at hand; a promise only if it has to be fetched. Never rejects. */
  find(kid: string | undefined, alg: string): VerificationKey | KeyMiss | Promise<VerificationKey | KeyMiss>;
  /** Counts one use, and says whether what these keys have verified still holds without asking the issuer. */
  touch(): boolean;
  /** When asking again may help, in seconds, after `keys_unavailable`. */
  retryAfterSeconds(): number;
  close(): void;
}

/** Keys that were given and never change: a secret, or a key set in the options. */
export class FixedKeys implements KeySource {
  constructor(private readonly keys: { find: KeyTable['find'] }) {}

  find(kid: string | undefined, alg: string): VerificationKey | KeyMiss {
    return this.keys.find(kid, alg) ?? 'key';
  }

  touch(): boolean {
    return true;
  }

  retryAfterSeconds(): number {
    return 1;
  }

  close(): void {
    // Nothing is open.
  }
}
