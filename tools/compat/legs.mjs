// The legs, in the order in which they are most likely to fail.
import { consumers } from './consumers.mjs';
import { shape } from './shape.mjs';
import { suites } from './suites.mjs';

/** Each leg says in one line what held, or throws with what did not. */
export const legs = ({ full }) => [...shape(), ...consumers({ full }), ...suites({ full })];
