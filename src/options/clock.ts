/** Read once: asking for it takes as long as asking for the time. */
const origin = performance.timeOrigin;

/** Epoch milliseconds that go on evenly while the wall clock is being set. */
export const steadyNow = (): number => origin + performance.now();

/**
 * {@link steadyNow} in whole milliseconds, for whoever asks many times in each: the wall clock, which takes a third of the
 * time to read among other work (Node 20), says when another one begins, and only then the even one is asked whether the
 * wall clock has been set. Within 2 ms of the even clock; never moved by what moves the wall clock.
 *
 * @param wallNow Whole epoch milliseconds. @param evenNow Epoch milliseconds that no setting moves.
 */
export function steadyMilliseconds(wallNow: () => number = Date.now, evenNow: () => number = steadyNow): () => number {
  let wall = Number.NaN;
  /** How far the wall clock has been set ahead of the even one. */
  let ahead = 0;
  let shown = 0;
  return () => {
    const seen = wallNow();
    if (seen === wall) return shown;
    wall = seen;
    const apart = seen - evenNow();
    // Within a millisecond or two they are apart because one is whole, and read before the other.
    if (!(apart > ahead - 2 && apart <= ahead + 1)) ahead = Math.ceil(apart);
    return (shown = seen - ahead);
  };
}
