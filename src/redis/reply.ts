import type { RateLimitAnswer, RateLimitCharge } from '../rate-limit/storage.js';
import type { Ask } from './batch.js';
import type { CallPlan } from './call-plan.js';
import { AGE_FACTOR, NOT_FAST, STAMP_MODULUS, TIME_FACTOR, TOO_LATE } from './scripts/layout.js';
import type { ServerClock } from './server-clock.js';

const NOTHING: readonly RateLimitAnswer[] = Object.freeze([]);

/** The batch came too late to be decided: nothing of it was done. */
export const isTooLate = (numbers: readonly number[]): boolean => numbers[1] === TOO_LATE;

/**
 * The answer of the script as numbers: the time of the server first, then what was decided.
 * @throws TypeError if it is something else.
 */
export function numbersOf(reply: unknown, clock: ServerClock): number[] {
  // Some clients give whole numbers as text, or as bigints.
  if (!Array.isArray(reply)) {
    const lone = Number(reply);
    if (reply === null || !Number.isSafeInteger(lone))
      throw new TypeError('the answer of the script is no answer of it');
    const end = (lone < 0 ? -1 - lone : lone) % TIME_FACTOR;
    return [clock.completed(end), lone];
  }
  const numbers = typeof reply[0] === 'number' ? (reply as number[]) : reply.map(Number);
  if (!(numbers[0]! > 0)) throw new TypeError('the answer of the script is no answer of it');
  return numbers;
}

/** Gives each question its answers. */
export function answer(asks: readonly Ask[], numbers: readonly number[]): void {
  const reader = new Reader(numbers);
  for (let index = 0; index < asks.length; index++) {
    const { plan, identity, resolve, denied, sinceMs } = asks[index]!;
    const answers = reader.answersTo(plan);
    denied?.note(identity, plan.charges, answers, sinceMs);
    resolve(answers);
  }
}

class Reader {
  private at = 1;

  constructor(private readonly numbers: readonly number[]) {}

  answersTo({ operation, isFast, charges }: CallPlan): readonly RateLimitAnswer[] {
    if (isFast) return [this.fast(charges[0]!)];
    return operation === 'consume' || operation === 'peek' ? charges.map(() => this.general()) : NOTHING;
  }

  private fast(charge: RateLimitCharge): RateLimitAnswer {
    const value = this.numbers[this.at++]!;
    if (value === NOT_FAST) return this.general();
    const { windowMs } = charge;
    if (value < 0) {
      const retryAfterMs = windowMs - Math.floor((-1 - value) / TIME_FACTOR);
      return { allowed: false, remaining: 0, resetMs: retryAfterMs, retryAfterMs, receipt: undefined };
    }
    const rest = Math.floor(value / TIME_FACTOR);
    const remaining = Math.floor(rest / AGE_FACTOR);
    const resetMs = windowMs - (rest - remaining * AGE_FACTOR);
    return { allowed: true, remaining, resetMs, retryAfterMs: 0, receipt: this.numbers[0]! % STAMP_MODULUS };
  }

  private general(): RateLimitAnswer {
    const { numbers } = this;
    const left = numbers[this.at++]!;
    const resetMs = orInfinity(numbers[this.at++]!);
    const third = numbers[this.at++]!;
    if (left < 0)
      return { allowed: false, remaining: -1 - left, resetMs, retryAfterMs: orInfinity(third), receipt: undefined };
    return { allowed: true, remaining: left, resetMs, retryAfterMs: 0, receipt: third < 0 ? undefined : third };
  }
}

const orInfinity = (ms: number): number => (ms < 0 ? Infinity : ms);
