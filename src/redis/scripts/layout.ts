/** What a decision asks for, as the script knows it. */
export const OPERATION = { consume: 1, peek: 2, refund: 3, debit: 4, forget: 5, probe: 6 } as const;

/**
 * A stamp is a tick in 4 bytes, so ticks wrap around: of 1 ms up to a window of 12.4 days, of 32 ms above it, rounded up. A
 * log lives for two windows after it was begun or cut, so no stamp in one is older than three, which is less than
 * {@link STAMP_AHEAD}: what seems older than that is ahead of a clock that has stepped back.
 */
export const STAMP_MODULUS = 2 ** 32;
export const LONGEST_MS_WINDOW = 2 ** 30;
export const STAMP_AHEAD = 3 * LONGEST_MS_WINDOW;
export const COARSE_TICK_MS = 32;

/**
 * The answer to a fast decision is one whole number below 2^53: what is left (10 bits), the age of the oldest stamp (22 bits,
 * hence the longest window, 70 minutes) and the end of the time of the decision (21 bits, 35 minutes).
 */
export const FAST_MAX_WINDOW_MS = 2 ** 22 - 1;
export const AGE_FACTOR = 2 ** 22;
export const TIME_FACTOR = 2 ** 21;

/** In place of a fast answer: three numbers follow, because the decision was not a fast one after all. */
export const NOT_FAST = -(2 ** 52);
/** In place of all answers: the batch came too late, and nothing was done. */
export const TOO_LATE = NOT_FAST - 1;

/** The first shape of a batch; the others follow up to `~`. */
export const FIRST_SHAPE = 35;
export const MAX_SHAPES = 92;
