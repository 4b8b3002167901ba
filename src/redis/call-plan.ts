import { namedCounter } from '../rate-limit/compiled-policy.js';
import { EXACT_UP_TO, isGathered } from '../rate-limit/algorithms/sliding-window.js';
import type { RateLimitCharge } from '../rate-limit/storage.js';
import { ALGORITHM_NUMBERS } from './scripts/algorithms/index.js';
import { FAST_MAX_WINDOW_MS, LONGEST_MS_WINDOW, OPERATION } from './scripts/layout.js';

export type ChargeOperation = 'consume' | 'peek' | 'refund' | 'debit';

/** What the keys of one counter may begin with: a letter for each form its count can have, and one for its block. */
const LETTERS = ['s', 'S', 'g', 'G', 'c', 'C', 'l', 'L', 'r', 'f', 'b'] as const;

/**
 * What is asked of one list of charges, prepared once: how a batch writes it, and what its keys begin with. A key is the
 * letter of its form, the counter and the identity; the identity comes last, so that no two pairs share a key.
 */
export class CallPlan {
  /** The batch that holds this shape now, and at which place. */
  batch = 0;
  place = 0;

  private constructor(
    readonly operation: keyof typeof OPERATION,
    readonly charges: readonly RateLimitCharge[],
    /** What each key has in front of the identity. */
    readonly heads: readonly string[],
    /** The two arguments of its shape: limit and window of a fast one, or nothing and the numbers. */
    readonly first: string,
    readonly second: string,
  ) {}

  static of(
    operation: ChargeOperation,
    charges: readonly RateLimitCharge[],
    receipts?: readonly (number | string | undefined)[],
  ): CallPlan {
    const heads = charges.flatMap(headsOf);
    if (operation === 'consume' && charges.length === 1 && isFast(charges[0]!)) {
      return new CallPlan(operation, charges, heads, String(charges[0]!.limit), String(charges[0]!.windowMs));
    }
    return new CallPlan(operation, charges, heads, '', numbersOf(operation, charges, receipts));
  }

  /** Deletes what these counters hold, in whatever form. */
  static forgetting(counters: readonly string[]): CallPlan {
    const heads = counters.flatMap(headsOfCounter);
    return new CallPlan('forget', [], heads, '', `${OPERATION.forget} ${heads.length}`);
  }

  get isFast(): boolean {
    return this.first !== '';
  }
}

function isFast({ algorithm, limit, windowMs, cost, blockMs }: RateLimitCharge): boolean {
  if (algorithm !== 'sliding-window' || cost !== 1 || blockMs !== 0) return false;
  return limit > 0 && limit <= EXACT_UP_TO && windowMs <= FAST_MAX_WINDOW_MS;
}

function numbersOf(
  operation: ChargeOperation,
  charges: readonly RateLimitCharge[],
  receipts: readonly (number | string | undefined)[] | undefined,
): string {
  const numbers: number[] = [OPERATION[operation], charges.length];
  charges.forEach(({ algorithm, limit, burst, windowMs, cost, blockMs, shadow }, index) => {
    // A list of receipts that lacks this one: nothing was charged here, so nothing is given back.
    const isGiven = receipts === undefined || typeof receipts[index] === 'number';
    const receipt = isGiven ? (receipts?.[index] ?? -1) : -1;
    numbers.push(
      ALGORITHM_NUMBERS[algorithm],
      limit,
      burst,
      windowMs,
      isGiven ? cost : 0,
      blockMs,
      Number(shadow),
      +receipt,
    );
  });
  return numbers.join(' ');
}

function headsOf(charge: RateLimitCharge): string[] {
  const counter = shortened(charge.counter);
  const head = letterOf(charge) + counter;
  return charge.blockMs > 0 ? [head, `b${counter}`] : [head];
}

/** Every head that the keys of a counter can have. */
export function headsOfCounter(counter: string): string[] {
  return LETTERS.map((letter) => letter + shortened(counter));
}

function letterOf({ algorithm, limit, windowMs }: RateLimitCharge): string {
  if (algorithm === 'gcra') return 'r';
  if (algorithm === 'fixed-window') return 'f';
  const forms = algorithm === 'concurrency' ? (['c', 'l'] as const) : (['s', 'g'] as const);
  const letter = forms[isGathered(limit) ? 1 : 0];
  return windowMs > LONGEST_MS_WINDOW ? letter.toUpperCase() : letter;
}

/**
 * The counter as a key has it. The bar ends it: one within it is written otherwise. The counters of named policies, which are
 * most, are told by a sign instead of a word, because a key of 28 bytes costs a server 16 less than one of 29.
 */
function shortened(counter: string): string {
  const escaped = counter.replace(/[%|]/g, (found) => (found === '%' ? '%25' : '%7C'));
  return escaped.startsWith(NAMED) ? `=${escaped.slice(NAMED.length)}|` : `:${escaped}|`;
}

const NAMED = namedCounter('');
