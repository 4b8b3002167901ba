/**
 * A sum of many numbers that keeps what each addition rounds away, so that a mean over a hundred million
 * durations is right to its last place. A plain sum is off by then from the ninth digit on.
 *
 * Neumaier's variant of Kahan's summation (ZAMM 54, 1974, algorithm IV).
 */
export class CompensatedSum {
  private sum = 0;
  private lost = 0;

  add(value: number): void {
    const sum = this.sum;
    const next = sum + value;
    // Which operand lost its low bits depends on which is the larger one.
    this.lost += sum >= value ? sum - next + value : value - next + sum;
    this.sum = next;
  }

  get value(): number {
    return this.sum + this.lost;
  }

  /** The sum divided by `count`, rounded once: dividing the rounded sum would round twice. */
  meanOf(count: number): number {
    if (count === 0) return 0;
    const high = this.sum + this.lost;
    const low = this.sum - high + this.lost;
    const quotient = high / count;
    const remainder = high - product(quotient, count) - productError(quotient, count) + low;
    return quotient + remainder / count;
  }

  reset(): void {
    this.sum = 0;
    this.lost = 0;
  }
}

const product = (a: number, b: number): number => a * b;

/** What `a * b` rounded away, exactly (Dekker, Numerische Mathematik 18, 1971): halves of 26 bits multiply without rounding. */
function productError(a: number, b: number): number {
  const [aHigh, bHigh] = [upperHalf(a), upperHalf(b)];
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return aHigh * bHigh - a * b + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

function upperHalf(value: number): number {
  const shifted = value * 134_217_729; // 2^27 + 1
  return shifted - (shifted - value);
}
