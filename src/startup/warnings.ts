import type { RateLimitOptions } from '../rate-limit/rate-limit.options.js';

/** What is legal, and yet seldom meant. */
export function startupWarnings(options: { readonly rateLimit?: RateLimitOptions | undefined }): string[] {
  const { storage, singleProcess, default: standard, policies = {}, perIp } = options.rateLimit ?? {};
  const warnings: string[] = [];
  if (process.env['NODE_ENV'] === 'production' && storage === undefined && singleProcess !== true) {
    warnings.push(
      'Limits are counted in the memory of this process: with N processes a caller has N times the limit. ' +
        'Set rateLimit.singleProcess: true if there is only this one, or share the counts through rateLimit.storage.',
    );
  }
  const windows: Record<string, number | undefined> = {
    'rateLimit.default': standard?.windowSeconds,
    'rateLimit.perIp': perIp?.windowSeconds,
    ...Object.fromEntries(
      Object.entries(policies).map(([name, policy]) => [`rateLimit.policies.${name}`, policy.windowSeconds]),
    ),
  };
  for (const [path, seconds] of Object.entries(windows)) {
    if (seconds === undefined || seconds >= 1) continue;
    warnings.push(`${path}.windowSeconds is ${seconds}: a window of less than a second. The unit is seconds.`);
  }
  return warnings;
}
