import { boolean, callable, list, number, oneOf, shape, typeError, type Check } from '../options/check.js';
import { OptionsError } from '../options/options-error.js';

/** How the identities of `topDenied` are shown. They never become labels of a metric. */
export type IdentityDisplay = 'masked' | 'hashed' | 'plain' | false;

/**
 * What is measured, and who may read it.
 *
 * @example
 * ```ts
 * AuthServicesModule.forRoot({ metrics: { token: process.env.METRICS_TOKEN }, metricsEndpoint: {} });
 * ```
 */
export interface MetricsOptions {
  /**
   * Who may read the endpoint, asked with the framework's request after the application's global guards. Only `true`
   * lets the reader in; an error, a rejection or any other answer is a 403. Beside `token` either one is enough.
   */
  authorize?: ((request: any) => boolean | Promise<boolean>) | undefined; // oxlint-disable-line typescript/no-explicit-any -- the application's own request
  /**
   * What a scraper sends as `Authorization: Bearer …`; a missing or wrong one is a 401. Any text without spaces.
   * Compared in constant time.
   */
  token?: string | undefined;
  /** `true`: everybody who can reach the endpoint may read it, whatever else is set. @default false */
  allowAnonymous?: boolean | undefined;
  /**
   * How many error types get a series of their own beside the reserved ones; the rest is counted as `_other`, and
   * `auth_metrics_label_overflow_total` tells how often. A whole number, 0 to 10,000. @default 64
   */
  maxErrorTypes?: number | undefined;
  /**
   * Error types that are always counted by name, however many others came first. The package's own categories are
   * reserved already. Each of at most 120 characters. @default []
   */
  errorTypes?: readonly string[] | undefined;
  /**
   * How the callers who are denied most are shown in the snapshot: `masked` (kind, and no more of the id or address
   * than tells rows apart), `hashed` (by a key that ends with the process), `plain`, or `false`: not kept at all.
   * @default 'masked'
   */
  identities?: IdentityDisplay | undefined;
  /**
   * The metric names of the original (Python) package beside ours, for dashboards that exist already. They break
   * Prometheus's naming rules, so `promtool check metrics` has something to say about them. @default false
   */
  legacyNames?: boolean | undefined;
}

export const DEFAULT_MAX_ERROR_TYPES = 64;
export const DEFAULT_IDENTITIES: IdentityDisplay = 'masked';

/** Longer names are cut to this many characters (UTF-16 units). */
export const MAX_NAME_LENGTH = 120;

const errorType: Check = (value, path) => {
  const fits = typeof value === 'string' && value.trim() !== '' && value.length <= MAX_NAME_LENGTH;
  if (!fits) throw typeError(path, `a string of 1 to ${MAX_NAME_LENGTH} characters`, value);
};

/** The messages never show the token, whatever is wrong with it. */
export const checkReaderToken: Check = (value, path) => {
  if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) return;
  const found =
    typeof value === 'string' ? 'one that is empty or has other characters' : `a value of type ${typeof value}`;
  throw new OptionsError(
    'ERR_AUTH_SERVICES_OPTION_TYPE',
    `${path} must be a string of visible ASCII characters without spaces, got ${found}. ` +
      'A token read from a file often ends in a line break: trim() it.',
  );
};

export const checkMetricsOptions: Check = shape<MetricsOptions>({
  authorize: callable,
  token: checkReaderToken,
  allowAnonymous: boolean,
  maxErrorTypes: number({ integer: true, min: 0, max: 10_000 }),
  errorTypes: list(errorType),
  identities: oneOf('masked', 'hashed', 'plain', false),
  legacyNames: boolean,
});

/**
 * Throws when an endpoint is to be mounted that nobody has been allowed to read. `where` is the option that mounts it,
 * or the place, as the message should name it.
 */
export function checkMetricsEndpoint(options: MetricsOptions | undefined, where: string): void {
  if (isReadable(options)) return;
  throw new OptionsError(
    'ERR_AUTH_SERVICES_METRICS_READERS',
    `${where} serves the metrics, and nobody has been allowed to read them. Set metrics.token (a scraper ` +
      'sends it as a bearer token) or metrics.authorize, or write metrics.allowAnonymous: true if the network keeps others out.',
  );
}

function isReadable(options: MetricsOptions | undefined): boolean {
  return options?.token !== undefined || options?.authorize !== undefined || options?.allowAnonymous === true;
}
