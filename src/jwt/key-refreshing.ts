import { number, oneOf, shape, type Check } from '../options/check.js';

/** When the key set of an issuer is fetched again. */
export interface JwtKeysOptions {
  /**
   * What makes a set old: its age (`refreshSeconds`), how often it was used (`refreshUses`), or whichever comes first.
   * Default: `'usage'` or `'both'` if `refreshUses` is given (alone or beside `refreshSeconds`), else `'time'`.
   */
  strategy?: 'time' | 'usage' | 'both' | undefined;
  /** Seconds after which a set is old. Above 0, at most 86400. @default 600 */
  refreshSeconds?: number | undefined;
  /** Verifications, cached ones included, after which a set is old. A whole number of at least 1. @default 1000 */
  refreshUses?: number | undefined;
  /**
   * The part of `refreshSeconds` and `refreshUses` after which the set is fetched in the background, while requests go on
   * with the one at hand. Above 0; 1 means never: then a request waits for each refresh. At most 1. @default 0.8
   */
  backgroundAt?: number | undefined;
  /**
   * Seconds that an old set still counts while the issuer cannot be reached. 0: not at all. At most 604800 (a week).
   * A key that the issuer withdraws while nobody can reach it stays good for so long. @default 3600
   */
  staleSeconds?: number | undefined;
}

export const keysCheck: Check = shape<JwtKeysOptions>({
  strategy: oneOf('time', 'usage', 'both'),
  refreshSeconds: number({ above: 0, max: 86_400 }),
  refreshUses: number({ integer: true, min: 1 }),
  backgroundAt: number({ above: 0, max: 1 }),
  staleSeconds: number({ min: 0, max: 604_800 }),
});

/** The same, worked out. `Infinity` where the strategy does not look. */
export interface KeyRefreshing {
  readonly refreshMs: number;
  readonly backgroundMs: number;
  readonly refreshUses: number;
  readonly backgroundUses: number;
  readonly staleMs: number;
}

export function keyRefreshing(options: JwtKeysOptions = {}): KeyRefreshing {
  const { refreshSeconds, refreshUses, backgroundAt = 0.8, staleSeconds = 3600 } = options;
  const strategy =
    options.strategy ?? (refreshUses === undefined ? 'time' : refreshSeconds === undefined ? 'usage' : 'both');
  const refreshMs = strategy === 'usage' ? Number.POSITIVE_INFINITY : (refreshSeconds ?? 600) * 1000;
  const uses = strategy === 'time' ? Number.POSITIVE_INFINITY : (refreshUses ?? 1000);
  return {
    refreshMs,
    backgroundMs: refreshMs * backgroundAt,
    refreshUses: uses,
    backgroundUses: Math.max(1, Math.ceil(uses * backgroundAt)),
    staleMs: staleSeconds * 1000,
  };
}
