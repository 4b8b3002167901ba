import { OptionsError } from '../options/options-error.js';
import {
  boolean,
  callable,
  having,
  list,
  number,
  oneOf,
  rangeError,
  secret,
  shape,
  string,
  type Check,
} from '../options/check.js';
import type { AuditEvent } from './audit-event.js';
import type { AuditSink } from './audit-sink.js';

/** What is written, where it goes, and what is kept out of it. */
export interface AuditOptions {
  /**
   * One structured object for each event through Nest's `Logger`, under the context `Audit`.
   * Default: `true`, unless `sinks` or a `logCallback` are given.
   */
  logToConsole?: boolean | undefined;
  /**
   * Called with each event, one at a time and outside the request. What it throws, or a promise that it rejects or
   * never settles, is counted and loses that event for the callback only; nothing is repeated.
   */
  logCallback?: ((event: AuditEvent) => void | Promise<void>) | undefined;
  /** Where events go besides. Each has its own queue; the logger closes them at shutdown. Default: none. */
  sinks?: readonly AuditSink[] | undefined;
  /**
   * Paths whose harmless requests leave no event: exact, or everything below with a final `/*`. Without the global
   * prefix. 401, 403, 429 and 5xx are never hidden.
   * @default ['/health', '/metrics', '/docs', '/openapi.json']
   */
  excludePaths?: readonly string[] | undefined;
  /**
   * What to replace by `[redacted]` besides passwords, tokens, cookies and the like, which always are. A single name is
   * a key at any depth (`email`), a name with dots is a path from the event down (`metadata.user.phone`); arrays on the
   * way are looked through. Case, `-` and `_` make no difference. `timestamp` and `eventType` cannot be redacted.
   */
  redact?: readonly string[] | undefined;
  /**
   * The last word on each event, after redaction: return it, a changed copy, or `null` to leave it out. `null` does not
   * hide 401, 403, 429 and 5xx. If it throws, the event is written as it was, and the mistake is counted.
   */
  transform?: ((event: AuditEvent) => AuditEvent | null) | undefined;
  /**
   * Replaces `userId`, `subject` and `ipAddress` by an HMAC-SHA-256 under this key: the same person has the same
   * pseudonym, and deleting the key forgets who it was. At least 16 bytes.
   */
  pseudonymKey?: string | Buffer | undefined;
  /**
   * `full`; `truncate`: the network only, /24 of IPv4 and /48 of IPv6; `hmac`: under `pseudonymKey`.
   * Default: `hmac` with a `pseudonymKey`, else `full`.
   */
  ipAddress?: 'full' | 'truncate' | 'hmac' | undefined;
  /** Query parameters that `path` keeps. Default: none, because addresses carry tokens and personal data. */
  queryParameters?: readonly string[] | undefined;
  /**
   * Told of an event that a sink cannot take although it takes others: after five attempts on its own, it is given up
   * there and counted. Keep it where somebody looks. What this throws is counted under `status.errors`.
   */
  onDeadLetter?: ((event: AuditEvent, failure: DeadLetterReason) => void) | undefined;
  /** The bounds of each sink's queue. */
  queue?: AuditQueueOptions | undefined;
  /**
   * Whether what waits is written, and the file chain ended, before SIGTERM, SIGINT or SIGHUP end the process, which they
   * then do. Where anybody else listens for the signal (`app.enableShutdownHooks()`, the application itself) this is left
   * to them, and to the exit of the process. `false`: no listener is added.
   * @default true
   */
  drainOnSignal?: boolean | undefined;
}

/** Which sink could not take an event, and why. */
export interface DeadLetterReason {
  readonly sink: string;
  readonly error: string;
}

/** The bounds of a sink's queue. */
export interface AuditQueueOptions {
  /** Events that may wait for one sink. 10 to 10 million. @default 50_000 */
  maxEvents?: number | undefined;
  /** Their size together, in bytes of text, approximately. 64 KiB to 4 GiB. @default 16_777_216 */
  maxBytes?: number | undefined;
  /**
   * Which event is lost when the queue is full; a tenth of it is reserved for `auth_failure` and `access_denied`.
   * Every loss is counted, and the file chain keeps a record of it. @default 'drop-newest'
   */
  whenFull?: 'drop-oldest' | 'drop-newest' | undefined;
}

export const DEFAULT_EXCLUDED_PATHS: readonly string[] = ['/health', '/metrics', '/docs', '/openapi.json'];
export const DEFAULT_QUEUE = { maxEvents: 50_000, maxBytes: 16 * 1024 * 1024, whenFull: 'drop-newest' } as const;

const excludedPath: Check = (value, path) => {
  string(value, path);
  const text = value as string;
  const body = text.endsWith('/*') ? text.slice(0, -2) : text;
  if (!text.startsWith('/') || /[*?#]/.test(body)) {
    throw rangeError(path, 'a path that starts with "/", exact or ending in "/*"', value);
  }
};

const redactedName: Check = (value, path) => {
  string(value, path);
  const first = (value as string)
    .split('.')[0]!
    .toLowerCase()
    .replaceAll(/[-_\s]/g, '');
  if (first === 'timestamp' || first === 'eventtype') {
    throw rangeError(path, 'anything but timestamp and eventType, without which an event says nothing', value);
  }
};

const fields = shape<AuditOptions>({
  logToConsole: boolean,
  logCallback: callable,
  sinks: list(having('an AuditSink', 'write')),
  excludePaths: list(excludedPath),
  redact: list(redactedName),
  transform: callable,
  pseudonymKey: secret(16),
  ipAddress: oneOf('full', 'truncate', 'hmac'),
  queryParameters: list(string),
  onDeadLetter: callable,
  drainOnSignal: boolean,
  queue: shape<AuditQueueOptions>({
    maxEvents: number({ integer: true, min: 10, max: 10_000_000 }),
    maxBytes: number({ integer: true, min: 65_536, max: 4_294_967_296 }),
    whenFull: oneOf('drop-oldest', 'drop-newest'),
  }),
});

export const checkAuditOptions: Check = (value, path) => {
  fields(value, path);
  const options = value as AuditOptions;
  if (options.ipAddress === 'hmac' && options.pseudonymKey === undefined) {
    throw new OptionsError(
      'ERR_AUTH_SERVICES_OPTION_REQUIRED',
      `${path}.ipAddress is "hmac", which needs a key: set ${path}.pseudonymKey.`,
    );
  }
};
