/**
 * A record of the table: eight 32-bit words, and what each holds.
 *
 * | word | holds |
 * | --- | --- |
 * | 0, 1 | the keyed hash of the identity |
 * | 2 | the counter's number, the log's form, a flag |
 * | 3 | how much is live: the number of stamps, or the sum of the pairs' counts |
 * | 4 to 7 | the stamps themselves, oldest first, while they are at most four |
 * | 4 to 7 | otherwise first block, last block, offsets in the two, and the oldest stamp, so that a full log is refused without a look at its blocks |
 * | 4 to 7 | of a level: how high it is and when it was, as two 64-bit floats; of a fixed window: when it began, as one |
 */
export const RECORD_WORDS = 8;
export const HASH_0 = 0;
export const HASH_1 = 1;
export const TAG = 2;
export const COUNT = 3;
export const INLINE = 4;
export const INLINE_ROOM = 4;
export const FIRST_BLOCK = 4;
export const LAST_BLOCK = 5;
/** Offset of the oldest entry in the first block, and (shifted by 8) of the next free place in the last. */
export const OFFSETS = 6;
export const OLDEST = 7;

export const ID_MASK = 0xffffff;
export const FORM_MASK = 0x3000000;
/** Up to four stamps, in the record. */
export const FORM_INLINE = 0;
/** Stamps in blocks. */
export const FORM_STAMPS = 0x1000000;
/** Pairs of a stamp and how much was charged at it, in blocks. */
export const FORM_PAIRS = 0x2000000;
/** The identity is blocked: not to be evicted. */
export const BLOCKED = 0x10000000;
/** In {@link TAG}: nobody's record; word 0 is the next free one. */
export const FREED = -1;

/** Where the record's 64-bit floats begin in the view of them. */
export const realOf = (record: number): number => (record + INLINE) >> 1;
