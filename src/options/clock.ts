/** Epoch milliseconds that go on evenly while the wall clock is being set. */
export const steadyNow = (): number => performance.timeOrigin + performance.now();
