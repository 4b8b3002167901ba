export interface Admitted {
  readonly at: number;
  readonly cost: number;
}

/** The most that any window holds, wherever it begins; in order of time. */
export function worstWindow(admitted: readonly Admitted[], windowMs: number): number {
  let most = 0;
  let held = 0;
  let from = 0;
  for (const { at, cost } of admitted) {
    held += cost;
    while (at - admitted[from]!.at >= windowMs) held -= admitted[from++]!.cost;
    most = Math.max(most, held);
  }
  return most;
}
