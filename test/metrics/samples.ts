/** A seeded generator (mulberry32), so that a failure can be repeated. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Durations in milliseconds as they occur: a spread, a warm cache beside fetches of a key set, and a long tail. */
export const SHAPES: Readonly<Record<string, (next: () => number) => number>> = {
  lognormal: (next) => 5 * Math.exp(normal(next)),
  bimodal: (next) => (next() < 0.94 ? 0.08 * Math.exp(0.25 * normal(next)) : 150 * Math.exp(0.2 * normal(next))),
  'heavy-tailed': (next) => 1 / (1 - next()) ** (1 / 1.2),
};

export function durations(shape: string, count: number, seed: number): Float64Array {
  const next = random(seed);
  return Float64Array.from({ length: count }, () => SHAPES[shape]!(next));
}

/** What the definition says, by sorting: index `floor(n * q)`, or the last one. */
export function exactQuantile(values: Float64Array, quantile: number): number {
  const sorted = values.toSorted();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))]!;
}
