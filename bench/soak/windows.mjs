/**
 * The most that was let through in any window, from the moments at which the answers arrived. An answer may arrive up to
 * `slackMs` after the decision, so the window looked at is that much shorter: what it holds was surely decided within a whole one.
 */
export function mostInAnyWindow(times, windowMs, slackMs) {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  for (let from = 0, to = 0; to < sorted.length; to++) {
    while (sorted[to] - sorted[from] >= windowMs - slackMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
