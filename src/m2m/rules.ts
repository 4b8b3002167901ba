import { grantRules } from './rules/grants.js';
import { noCallerRules } from './rules/no-caller.js';
import { personSignRules } from './rules/person-signs.js';
import type { Rule } from './rules/rule.js';
import { statedRules } from './rules/stated.js';
import { structureRules } from './rules/structure.js';
import { workloadRules } from './rules/workloads.js';

/**
 * The neutral rule: every rule it has, in order. To add one, add one entry to the list of its step, with the page
 * that says so beside it.
 *
 * 1. `rules/no-caller.ts`: what cannot be judged (wrong types).
 * 2. `rules/no-caller.ts`: what is no credential, or stands for nobody.
 * 3. `rules/grants.ts`, `rules/stated.ts`, `rules/workloads.ts`: the issuer's own word.
 * 4. `rules/structure.ts`: how the claims relate.
 * 5. `rules/person-signs.ts`: signs of a person.
 *
 * How they weigh against each other is in `neutral-rule.ts`.
 */
export function neutralRules(): readonly Rule[] {
  return [...noCallerRules, ...grantRules, ...statedRules, ...workloadRules, ...structureRules, ...personSignRules];
}
