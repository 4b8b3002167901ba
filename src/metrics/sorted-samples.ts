/** Above this many new samples, sorting everything is cheaper than putting each in its place. */
const FEW = 16;

/**
 * The first durations, as they were, for exact quantiles. They are put in order when somebody asks and not before:
 * recording stays one write, and asking again costs nothing.
 */
export class SortedSamples {
  private readonly values: Float64Array;
  private added = 0;
  private sorted = 0;

  constructor(readonly capacity: number) {
    this.values = new Float64Array(capacity);
  }

  /** Must not be called more than `capacity` times. */
  add(value: number): void {
    this.values[this.added++] = value;
  }

  /** The value at `rank` in ascending order. */
  at(rank: number): number {
    if (this.sorted < this.added) this.sort();
    return this.values[rank]!;
  }

  reset(): void {
    this.added = 0;
    this.sorted = 0;
  }

  private sort(): void {
    if (this.added - this.sorted > FEW) this.values.subarray(0, this.added).sort();
    else for (let index = this.sorted; index < this.added; index++) this.insert(index);
    this.sorted = this.added;
  }

  private insert(index: number): void {
    const value = this.values[index]!;
    let place = index;
    while (place > 0 && this.values[place - 1]! > value) {
      this.values[place] = this.values[place - 1]!;
      place--;
    }
    this.values[place] = value;
  }
}
