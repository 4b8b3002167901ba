import type { RateLimitAlgorithm } from '../../../rate-limit/algorithms/index.js';
import { LEVEL } from './level.js';
import { LOG } from './log.js';
import type { LuaAlgorithm } from './lua-algorithm.js';
import { WINDOW } from './window.js';

/** The algorithms, one line each. */
const ALGORITHMS: Readonly<Record<RateLimitAlgorithm, LuaAlgorithm>> = {
  'sliding-window': LOG,
  gcra: LEVEL,
  'fixed-window': WINDOW,
  concurrency: LOG,
};

/** What makes their tables of functions. */
export const ALGORITHMS_LUA = [...new Set(Object.values(ALGORITHMS))].map(({ lua }) => lua).join('\n');

/** The tables in order, as a list of Lua's. */
export const TABLES_LUA = `{${Object.values(ALGORITHMS)
  .map(({ table }) => table)
  .join(',')}}`;

/** By which number a batch asks for an algorithm: Lua counts from 1. */
export const ALGORITHM_NUMBERS = Object.fromEntries(
  Object.keys(ALGORITHMS).map((algorithm, index) => [algorithm, index + 1]),
) as Readonly<Record<RateLimitAlgorithm, number>>;
