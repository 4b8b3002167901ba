import { unknownPolicy, type RateLimitOptions } from './rate-limit.options.js';
import { notesOn } from './metadata.js';
import type { OptionsError } from '../options/options-error.js';

/**
 * What is wrong with the names that `@RateLimit` and `@SkipRateLimit` use on a route: one error for each name that no
 * policy has, ready to be thrown at start. A route may also skip the names of its own inline policies, and `default`.
 */
export function routeProblems(
  controller: Function,
  handler: Function,
  options: Pick<RateLimitOptions, 'policies' | 'default'> = {},
): OptionsError[] {
  const notes = notesOn(controller, handler);
  const where = `${controller.name}.${handler.name}`;
  const known = Object.keys(options.policies ?? {});
  const refs = notes.policies ?? [];
  const problems = refs
    .filter((ref) => typeof ref === 'string')
    .filter((name) => !known.includes(name))
    .map((name) => unknownPolicy(name, known, `@RateLimit() on ${where}`));
  const inline = refs.flatMap((ref) => (typeof ref === 'string' || ref.name === undefined ? [] : [ref.name]));
  const nameless = refs.map((_ref, index) => (index === 0 ? 'default' : `default-${index + 1}`));
  const own = options.default?.name === undefined ? [] : [options.default.name];
  const skippable = [...known, ...own, ...inline, 'default'];
  for (const name of notes.skips) {
    if (skippable.includes(name) || nameless.includes(name)) continue;
    problems.push(unknownPolicy(name, skippable, `@SkipRateLimit() on ${where}`));
  }
  return problems;
}
