import { OptionsError } from './options-error.js';

/** Throws an {@link OptionsError} when `value`, found at `path`, is not what the option takes. */
export type Check = (value: unknown, path: string) => void;

/** One check for each known key; a value of `undefined` always means "not given". */
export type ShapeChecks<T> = { readonly [K in keyof Required<T>]: Check };

/** The value as a message may show it: short, on one line, and with its type where the type is the mistake. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `${clipped(JSON.stringify(value))} (string)`;
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value);
  if (typeof value === 'bigint') return `${clipped(String(value))}n`;
  if (typeof value === 'function') return `a function`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'symbol') return 'a symbol';
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === 'string' && name !== 'Object' ? `an instance of ${clipped(name)}` : 'an object';
}

const clipped = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

const ENVIRONMENT_HINT =
  ' Values from the environment are strings, whatever ConfigService.get<number>() says: wrap the call in Number().';

export function typeError(path: string, wanted: string, value: unknown, hint = ''): OptionsError {
  return new OptionsError(
    'ERR_AUTH_SERVICES_OPTION_TYPE',
    `${path} must be ${wanted}, got ${shown(value)}.${hint && ` ${hint}`}`,
  );
}

export function rangeError(path: string, wanted: string, value: unknown, hint = ''): OptionsError {
  return new OptionsError(
    'ERR_AUTH_SERVICES_OPTION_RANGE',
    `${path} must be ${wanted}, got ${shown(value)}.${hint && ` ${hint}`}`,
  );
}

export interface NumberRange {
  readonly integer?: boolean;
  /** Inclusive. */
  readonly min?: number;
  /** Exclusive. */
  readonly above?: number;
  /** Inclusive. */
  readonly max?: number;
}

export function number(range: NumberRange = {}): Check {
  const { integer = false, min, above, max } = range;
  let wanted = integer ? 'a whole number' : 'a number';
  if (above !== undefined) wanted += ` above ${above}`;
  if (min !== undefined) wanted += ` of at least ${min}`;
  if (max !== undefined) wanted += ` and at most ${max}`;
  return (value, path) => {
    if (typeof value !== 'number') {
      const hint = typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value));
      throw typeError(path, wanted, value, hint ? ENVIRONMENT_HINT.trim() : '');
    }
    const inRange =
      Number.isFinite(value) &&
      (!integer || Number.isSafeInteger(value)) &&
      (min === undefined || value >= min) &&
      (above === undefined || value > above) &&
      (max === undefined || value <= max);
    if (!inRange) throw rangeError(path, wanted, value);
  };
}

export const boolean: Check = (value, path) => {
  if (typeof value !== 'boolean') {
    const fix = value === 'true' || value === 'false' ? `Compare it: process.env.NAME === 'true'.` : '';
    throw typeError(path, 'true or false', value, fix);
  }
};

export const string: Check = (value, path) => {
  if (typeof value !== 'string' || value.trim() === '') throw typeError(path, 'a string that is not empty', value);
};

export const callable: Check = (value, path) => {
  if (typeof value !== 'function') throw typeError(path, 'a function', value);
};

/** A secret as text or bytes. The message never shows it. */
export function secret(minBytes: number): Check {
  return (value, path) => {
    if (typeof value !== 'string' && !Buffer.isBuffer(value)) {
      throw new OptionsError(
        'ERR_AUTH_SERVICES_OPTION_TYPE',
        `${path} must be a string or a Buffer, got a value of type ${typeof value}.`,
      );
    }
    const bytes = Buffer.byteLength(value);
    if (bytes < minBytes) {
      throw new OptionsError(
        'ERR_AUTH_SERVICES_OPTION_RANGE',
        `${path} must be at least ${minBytes} bytes long, got ${bytes}. Make one with: openssl rand -base64 32`,
      );
    }
  };
}

export function oneOf(...values: readonly (string | boolean | number)[]): Check {
  const wanted = `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
  return (value, path) => {
    if (values.includes(value as string)) return;
    const near = typeof value === 'string' ? nearest(value, values.map(String)) : undefined;
    throw typeError(path, wanted, value, near === undefined ? '' : `Did you mean ${JSON.stringify(near)}?`);
  };
}

/** The value passes if one of the checks passes; otherwise `wanted` says what all of them take. */
export function either(wanted: string, ...checks: readonly Check[]): Check {
  return (value, path) => {
    for (const check of checks) {
      try {
        check(value, path);
        return;
      } catch (error) {
        // An object that has the right shape but one wrong field deserves the message about that field.
        if (error instanceof OptionsError && !error.message.startsWith(`${path} must`)) throw error;
      }
    }
    throw typeError(path, wanted, value);
  };
}

export function list(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) throw typeError(path, 'an array', value);
    for (let index = 0; index < value.length; index++) check(value[index], `${path}[${index}]`);
  };
}

/** An instance of somebody's class, known by the methods it must have. */
export function having(what: string, ...methods: readonly string[]): Check {
  return (value, path) => {
    const found = value as Record<string, unknown> | null;
    const missing =
      typeof value === 'object' && found ? methods.filter((m) => typeof found[m] !== 'function') : methods;
    if (missing.length > 0) throw typeError(path, what, value, `It lacks ${missing.map((m) => `${m}()`).join(', ')}.`);
  };
}

/** An object with these keys and no others: an unknown key is refused, with the nearest valid one. */
export function shape<T>(checks: ShapeChecks<T>): Check {
  const known = Object.keys(checks);
  return (value, path) => {
    if (!isPlainObject(value)) throw typeError(path, 'an object', value);
    for (const key of Object.keys(value)) {
      const check = Object.hasOwn(checks, key) ? checks[key as keyof T] : undefined;
      if (check === undefined) throw unknownKey(path, key, known);
      if (value[key] !== undefined) check(value[key], path === '' ? key : `${path}.${key}`);
    }
  };
}

export function unknownKey(path: string, key: string, known: readonly string[]): OptionsError {
  const near = nearest(key, known);
  const fix = near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean ${JSON.stringify(near)}?`;
  const where = path === '' ? clipped(key) : `${path}.${clipped(key)}`;
  return new OptionsError('ERR_AUTH_SERVICES_OPTION_UNKNOWN', `${where} is not an option. ${fix}`);
}

/** The candidate at the smallest edit distance, if that is near enough to be a slip of the fingers. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase().slice(0, 64), candidate.toLowerCase().slice(0, 64));
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(substitution, row[j]! + 1, next[j - 1]! + 1);
    }
    row = next;
  }
  return row[b.length]!;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
