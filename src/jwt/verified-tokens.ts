import { hash } from 'node:crypto';

/**
 * Remembers what was verified, under the SHA-256 of the whole token: no token is kept. Each verifier has one of its own, for
 * its own options, so that what one has accepted says nothing to another.
 *
 * Bounded in two generations: when the younger is full it becomes the older one, and what nobody asked for in the meantime
 * is forgotten. A hit in the younger generation moves nothing.
 */
export class VerifiedTokens<T> {
  private young = new Map<string, T>();
  private old = new Map<string, T>();
  private readonly generationSize: number;
  private readonly keepsOld: boolean;

  /** `maxTokens`: how many are remembered at most. */
  constructor(maxTokens: number) {
    this.generationSize = Math.max(1, Math.floor(maxTokens / 2));
    this.keepsOld = maxTokens > 1;
  }

  keyOf(token: string): string {
    // One character for each byte: the shortest text that a Map can take.
    return hash('sha256', token, 'binary');
  }

  get(key: string): T | undefined {
    const found = this.young.get(key);
    if (found !== undefined) return found;
    const older = this.old.get(key);
    if (older !== undefined) {
      this.old.delete(key);
      this.set(key, older);
    }
    return older;
  }

  set(key: string, value: T): void {
    if (this.young.size >= this.generationSize && !this.young.has(key)) {
      if (this.keepsOld) this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  get size(): number {
    return this.young.size + this.old.size;
  }
}
