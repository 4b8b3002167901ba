import { REFUSAL_CATEGORIES } from '../request/refusal-category.js';
import { CappedNames } from './capped-names.js';
import { DEFAULT_MAX_ERROR_TYPES, type MetricsOptions } from './metrics.options.js';
import { series } from './exposition.js';

/**
 * The categories of our own token verification, and what a 401 of another guard is called that gave no reason.
 * `missing` stays 0 unless the application records it: a request without a token is no failed validation.
 */
export const RESERVED_ERROR_TYPES: readonly string[] = [...REFUSAL_CATEGORIES, 'unauthorized'];

export class ErrorTypeCount {
  count = 0;
  /** Written once: a scrape must not escape the same name again and again. */
  readonly series: string;

  constructor(errorType: string) {
    this.series = series('auth_token_validation_errors_total', { error_type: errorType });
  }
}

export function errorTypeCounts(options: MetricsOptions): CappedNames<ErrorTypeCount> {
  return new CappedNames(
    [...new Set([...RESERVED_ERROR_TYPES, ...(options.errorTypes ?? [])])],
    options.maxErrorTypes ?? DEFAULT_MAX_ERROR_TYPES,
    (errorType) => new ErrorTypeCount(errorType),
  );
}
