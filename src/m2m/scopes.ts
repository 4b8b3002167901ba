import type { JwtClaims } from '../request/claims.js';
import { claim } from './claims-reader.js';

const NONE: readonly string[] = Object.freeze([]);

/** Above this many a Set finds duplicates; below it a look along the array is cheaper. */
const FEW = 16;

/**
 * The scopes of a token: the union of `scope` (one string by RFC 9068 section 2.2.3, an array at Duende, Spring and
 * others), `scp` (an array at Okta, a string at Entra ID) and `scopes` (Clerk). Items of an array are kept whole,
 * strings are split at spaces and never at commas, anything that is not a string is left out.
 *
 * Time and memory are linear in the number of scopes.
 */
export function scopesOf(claims: JwtClaims): readonly string[] {
  return unionOfScopes(claim(claims, 'scope'), claim(claims, 'scp'), claim(claims, 'scopes'));
}

/** {@link scopesOf} for whoever has the three claims in hand. */
export function unionOfScopes(scope: unknown, scp: unknown, scopes: unknown): readonly string[] {
  if (scope === undefined && scp === undefined && scopes === undefined) return NONE;
  const found = new Scopes();
  found.addAll(scope);
  found.addAll(scp);
  found.addAll(scopes);
  return found.list.length === 0 ? NONE : found.list;
}

/** Whether the scope is in the list. A token has few, and a text of another length is another: half the time of `includes()`. */
function holds(scopes: readonly string[], wanted: string): boolean {
  for (let index = 0; index < scopes.length; index++) {
    const scope = scopes[index]!;
    if (scope.length === wanted.length && scope === wanted) return true;
  }
  return false;
}

/** Whether one of the scopes is in the list. */
export function holdsAny(scopes: readonly string[], wanted: readonly string[]): boolean {
  for (let index = 0; index < wanted.length; index++) if (holds(scopes, wanted[index]!)) return true;
  return false;
}

class Scopes {
  readonly list: string[] = [];
  private seen: Set<string> | undefined = undefined;

  addAll(value: unknown): void {
    if (typeof value === 'string') this.addWords(value);
    else if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        const item: unknown = value[index];
        if (typeof item === 'string' && item.trim() !== '') this.add(item);
      }
    }
  }

  /** By hand: split(' ') alone would be a quarter of a verdict. */
  private addWords(words: string): void {
    let start = 0;
    while (start < words.length) {
      const space = words.indexOf(' ', start);
      const end = space === -1 ? words.length : space;
      if (end > start) this.add(words.slice(start, end));
      start = end + 1;
    }
  }

  private add(scope: string): void {
    const { list } = this;
    if (list.length < FEW) {
      if (!holds(list, scope)) list.push(scope);
      return;
    }
    this.seen ??= new Set(list);
    if (this.seen.has(scope)) return;
    this.seen.add(scope);
    list.push(scope);
  }
}
