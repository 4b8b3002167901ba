/** Nest's HttpException, known by its method: there may be two copies of Nest. */
export function isHttpException(thrown: unknown): boolean {
  return typeof part(thrown, 'getStatus') === 'function';
}

/** A WsException or RpcException: meant for the caller, as an HttpException is. */
export function isTransportException(thrown: unknown): boolean {
  return typeof part(thrown, 'getError') === 'function';
}

/**
 * The message of an exception, as far as an audit trail may hold it: without query strings, and without what
 * `JSON.parse` quotes of the body it failed on. `undefined` if there is none.
 */
export function messageOf(thrown: unknown): string | undefined {
  const message = typeof thrown === 'string' ? thrown : part(thrown, 'message');
  if (typeof message !== 'string' || message === '') return undefined;
  const text = message.slice(0, 512).replaceAll(/\?[^\s?]\S*/g, '');
  return /\bJSON\b/.test(text) ? 'malformed JSON' : text;
}

/** `TypeError: x is not a function`; of what is no error, its type and what it says. */
export function describeThrown(thrown: unknown): string {
  const isPlain = typeof thrown === 'number' || typeof thrown === 'boolean' || typeof thrown === 'bigint';
  const message = isPlain ? String(thrown).slice(0, 64) : messageOf(thrown);
  const type = typeNameOf(thrown);
  return message === undefined ? type : `${type}: ${message}`;
}

function typeNameOf(thrown: unknown): string {
  if (thrown === null) return 'null';
  if (typeof thrown !== 'object') return typeof thrown;
  const name = part(thrown, 'name');
  if (typeof name === 'string' && name !== '' && name !== 'Error') return name.slice(0, 64);
  // A subclass that did not set its name.
  const constructor = part(thrown, 'constructor');
  const className = typeof constructor === 'function' ? constructor.name : '';
  return className === '' ? 'object' : className.slice(0, 64);
}

function part(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
