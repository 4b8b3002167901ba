/** Read once: asking for it takes as long as asking for the time. */
const origin = performance.timeOrigin;

/** Epoch milliseconds that go on evenly while the wall clock is being set. */
export const steadyNow = (): number => origin + performance.now();
