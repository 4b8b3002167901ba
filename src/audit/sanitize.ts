import { types } from 'node:util';
import { REDACTED, pathBelow, type RedactedPath, type Redactor } from './redact.js';

export interface ContentLimits {
  /** Characters of one event, all texts and keys together. */
  readonly eventLength: number;
  /** Characters of one text. */
  readonly textLength: number;
  readonly keyLength: number;
  readonly depth: number;
  /** Keys of one object. */
  readonly keys: number;
  /** Items of one array, set or map. */
  readonly items: number;
}

export const CONTENT_LIMITS: ContentLimits = {
  eventLength: 16_384,
  textLength: 2048,
  keyLength: 256,
  depth: 8,
  keys: 64,
  items: 64,
};

/** What stands where something was left out; as a key it holds how many more there were. */
const CUT = '…';
const LARGEST_BIGINT = 1n << 1024n;

/**
 * Copies whatever an application or a caller put into an event into plain JSON values: nothing in the copy throws,
 * loops, is a secret by name or shape, or is larger than the limits; where something was cut, the copy says what.
 * Never throws, whatever it is given.
 */
export class Sanitizer {
  private used = 0;
  private readonly ancestors: object[] = [];

  constructor(
    private readonly redactor: Redactor,
    private readonly limits: ContentLimits = CONTENT_LIMITS,
  ) {}

  /** To be called before each event. */
  begin(): void {
    this.used = 0;
    this.ancestors.length = 0;
  }

  /** Characters used so far, with a little for each value. */
  get size(): number {
    return this.used;
  }

  /** Whether a text of this length is kept whole. */
  hasRoom(length: number, maxLength: number): boolean {
    return length <= maxLength && length <= this.limits.eventLength - this.used;
  }

  /** Characters that somebody else has written. */
  spend(characters: number): void {
    this.used += characters;
  }

  /** A field that holds text. Numbers are text too; of anything else only the kind is kept. */
  text(value: unknown, maxLength = this.limits.textLength): string | undefined {
    if (typeof value === 'string') return this.string(value, maxLength);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object' || typeof value === 'function') return this.string(kindOf(value), maxLength);
    return this.string(String(this.scalar(value)), maxLength);
  }

  /** The entries of an object, as a plain object; anything else lands under the key `value`. */
  record(value: unknown, path?: RedactedPath): Record<string, unknown> {
    const copy = this.value(value, 0, path);
    const isRecord = typeof copy === 'object' && copy !== null && !Array.isArray(copy);
    return isRecord ? (copy as Record<string, unknown>) : { value: copy };
  }

  value(value: unknown, depth: number, path?: RedactedPath): unknown {
    if (typeof value === 'string') return this.string(value, this.limits.textLength);
    if (typeof value !== 'object' || value === null) return this.scalar(value);
    if (this.used >= this.limits.eventLength) return `${CUT}[${kindOf(value)}]`;
    try {
      return this.object(value, depth, path);
    } catch {
      return '[unreadable]';
    }
  }

  private string(text: string, maxLength: number): string {
    const room = Math.max(0, this.limits.eventLength - this.used);
    const keep = Math.min(maxLength, room);
    if (text.length <= keep) {
      const safe = this.redactor.text(text);
      this.used += safe.length + 8;
      return safe;
    }
    // Cut first: looking for secrets in a text of megabytes would hold up the request. Half a token still shows its shape.
    const half = /[\ud800-\udbff]$/.test(text.slice(keep - 1, keep)) ? 1 : 0;
    const safe = this.redactor.text(text.slice(0, Math.max(0, keep - half)));
    this.used += safe.length + 32;
    return `${safe}${CUT}[+${text.length - keep + half} characters]`;
  }

  private scalar(value: unknown): unknown {
    this.used += 8;
    switch (typeof value) {
      case 'number':
        // JSON turns these into null, and -0 into 0.
        return Number.isFinite(value) ? (value === 0 ? 0 : value) : String(value);
      case 'bigint':
        // Writing out a number of a million digits takes seconds.
        return value < LARGEST_BIGINT && value > -LARGEST_BIGINT ? this.string(value.toString(), 400) : '…[bigint]';
      case 'symbol':
        return this.string(value.toString(), this.limits.textLength);
      case 'function':
        return '[function]';
      default:
        return value;
    }
  }

  private object(value: object, depth: number, path: RedactedPath | undefined): unknown {
    if (depth >= this.limits.depth) return `${CUT}[${kindOf(value)}]`;
    if (this.ancestors.includes(value)) return '[circular]';
    this.ancestors.push(value);
    try {
      if (Array.isArray(value)) return this.array(value, value.length, depth, path);
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) return this.instance(value, depth, path);
      return this.converted(value, depth, path);
    } finally {
      this.ancestors.pop();
    }
  }

  /** What is more than a plain object, and would be `{}` in JSON or a danger in a log. */
  private instance(value: object, depth: number, path: RedactedPath | undefined): unknown {
    if (types.isNativeError(value)) return this.error(value, depth);
    if (types.isDate(value))
      return Number.isNaN(value.getTime()) ? 'Invalid Date' : this.string(value.toISOString(), 64);
    if (types.isMap(value)) return this.map(value, depth, path);
    if (types.isSet(value)) return this.array(value, value.size, depth, path);
    // Bytes may be a key or a file: how many is all that is said.
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value))
      return this.string(`[${value.byteLength} bytes]`, 64);
    if (types.isRegExp(value)) return this.string(String(value), this.limits.textLength);
    if (types.isBoxedPrimitive(value)) return this.value(value.valueOf(), depth);
    if (types.isPromise(value)) return '[promise]';
    if (value instanceof URL)
      return this.string(`${value.protocol}//${value.host}${value.pathname}`, this.limits.textLength);
    return this.converted(value, depth, path);
  }

  /** As JSON would: `toJSON()` has the word, once. */
  private converted(value: object, depth: number, path: RedactedPath | undefined): unknown {
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON !== 'function') return this.properties(value, depth, path);
    const json: unknown = toJSON.call(value);
    if (typeof json !== 'object' || json === null) return this.value(json, depth);
    if (Array.isArray(json)) return this.array(json, json.length, depth, path);
    return json === value || !this.ancestors.includes(json) ? this.properties(json, depth, path) : '[circular]';
  }

  private properties(value: object, depth: number, path: RedactedPath | undefined): Record<string, unknown> {
    const keys = Object.keys(value);
    const copy: Record<string, unknown> = {};
    const { keys: maxKeys, eventLength } = this.limits;
    for (let index = 0; index < keys.length; index++) {
      if (index >= maxKeys || this.used >= eventLength) {
        copy[CUT] = `${keys.length - index} more keys`;
        break;
      }
      const key = keys[index]!;
      let property: unknown;
      try {
        property = (value as Record<string, unknown>)[key];
      } catch {
        property = '[unreadable]';
      }
      if (property !== undefined) this.put(copy, key, property, depth, path);
    }
    return copy;
  }

  private map(value: Map<unknown, unknown>, depth: number, path: RedactedPath | undefined): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    let index = 0;
    for (const [key, item] of value) {
      if (index >= this.limits.items || this.used >= this.limits.eventLength) {
        copy[CUT] = `${value.size - index} more keys`;
        break;
      }
      const name = typeof key === 'string' ? key : typeof key === 'number' ? String(key) : `[${index}]`;
      this.put(copy, name, item, depth, path);
      index++;
    }
    return copy;
  }

  private array(items: Iterable<unknown>, length: number, depth: number, path: RedactedPath | undefined): unknown[] {
    const copy: unknown[] = [];
    for (const item of items) {
      if (copy.length >= this.limits.items || this.used >= this.limits.eventLength) {
        copy.push(`${CUT}${length - copy.length} more items`);
        break;
      }
      // The place of what is left out is kept, as in JSON.
      copy.push(this.value(item, depth + 1, path) ?? null);
    }
    return copy;
  }

  /** Never the stack: it names files, and may quote arguments. */
  private error(error: Error, depth: number): Record<string, unknown> {
    const copy: Record<string, unknown> = {};
    for (const key of ['name', 'message', 'code', 'cause'] as const) {
      let part: unknown;
      try {
        part = (error as unknown as Record<string, unknown>)[key];
      } catch {
        part = '[unreadable]';
      }
      if (part !== undefined) copy[key] = this.value(part, depth + 1);
    }
    return copy;
  }

  private put(copy: Record<string, unknown>, key: string, value: unknown, depth: number, path?: RedactedPath): void {
    const { keyLength } = this.limits;
    const below = pathBelow(path, key);
    let safe: unknown;
    // True, false and null are no secrets, and often the very fact to keep: `passwordChanged: true`.
    if (value === null || typeof value === 'boolean') safe = this.scalar(value);
    else if (this.redactor.denies(key) || below?.end === true) safe = REDACTED;
    else safe = this.value(value, depth + 1, below);
    // Short keys are names; a long one may be a token that something was filed under.
    let name = key.length > 24 ? this.redactor.text(key.slice(0, keyLength)) : key;
    if (key.length > keyLength) name += `${CUT}[+${key.length - keyLength} characters]`;
    this.used += name.length + 4;
    if (name === '__proto__') Object.defineProperty(copy, name, { value: safe, enumerable: true });
    else copy[name] = safe;
  }
}

function kindOf(value: unknown): string {
  try {
    if (typeof value === 'function') return 'function';
    if (Array.isArray(value)) return `array of ${value.length}`;
    return types.isNativeError(value) ? value.name.slice(0, 64) : 'object';
  } catch {
    return 'unreadable';
  }
}
