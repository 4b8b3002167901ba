// The legs, in the order in which they are most likely to fail.
import { applications } from './applications.mjs';
import { compilers } from './compilers.mjs';
import { shape } from './shape.mjs';
import { suites } from './suites.mjs';
import { testRunners } from './test-runners.mjs';

/** Each leg says in one line what held, or throws with what did not. */
export const legs = ({ full }) => [
  ...shape(),
  ...applications({ full }),
  ...testRunners(),
  ...compilers(),
  ...suites({ full }),
];
