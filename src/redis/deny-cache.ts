import { performance } from 'node:perf_hooks';
import type { RateLimitAnswer, RateLimitCharge } from '../rate-limit/storage.js';

/** What another process has given back is seen this much later at most. */
const MAX_AGE_MS = 1000;
const MAX_IDENTITIES = 10_000;

interface Denial {
  readonly charges: readonly RateLimitCharge[];
  readonly answers: readonly RateLimitAnswer[];
  readonly at: number;
  readonly until: number;
  /** The next one of this identity, for other charges. */
  readonly next: Denial | undefined;
}

/**
 * What was refused a moment ago is refused again without a question: a flood of calls above their limit costs the server
 * nothing. A refusal holds for as long as nothing can free up, at most a second. Leases can end at any time: what waits for
 * one is asked each time.
 */
export class DenyCache {
  private readonly denials = new Map<string, Denial>();

  find(identity: string, charges: readonly RateLimitCharge[]): readonly RateLimitAnswer[] | undefined {
    const first = this.denials.get(identity);
    if (first === undefined) return undefined;
    const at = performance.now();
    for (let denial: Denial | undefined = first; denial !== undefined; denial = denial.next) {
      if (denial.until > at && isSame(denial.charges, charges)) return aged(denial.answers, at - denial.at);
    }
    return undefined;
  }

  /**
   * Remembers the answers if they are a refusal that time alone can end. The server decided some time after `askedMs`, and
   * what it said to wait for may have come nearer on the way here: it is asked again rather too early than too late.
   */
  note(
    identity: string,
    charges: readonly RateLimitCharge[],
    answers: readonly RateLimitAnswer[],
    askedMs: number,
  ): void {
    let waitMs = 0;
    for (let index = 0; index < answers.length; index++) {
      const { allowed, retryAfterMs } = answers[index]!;
      const { shadow, algorithm } = charges[index]!;
      if (!allowed && !shadow && algorithm !== 'concurrency') waitMs = Math.max(waitMs, retryAfterMs);
    }
    if (waitMs === 0) return;
    const at = performance.now();
    const until = Math.min(askedMs + waitMs, at + MAX_AGE_MS);
    if (until <= at) return;
    // One that is over makes room: what stays is what this identity was refused in the last second.
    let next: Denial | undefined;
    for (let denial = this.denials.get(identity); denial !== undefined; denial = denial.next) {
      if (denial.until > at && !isSame(denial.charges, charges)) next = { ...denial, next };
    }
    this.denials.delete(identity);
    if (this.denials.size >= MAX_IDENTITIES) this.denials.delete(this.denials.keys().next().value!);
    this.denials.set(identity, { charges, answers, at, until, next });
  }

  forget(identity: string): void {
    this.denials.delete(identity);
  }

  clear(): void {
    this.denials.clear();
  }
}

function isSame(one: readonly RateLimitCharge[], other: readonly RateLimitCharge[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}

/** The same answers so much later. */
function aged(answers: readonly RateLimitAnswer[], ms: number): RateLimitAnswer[] {
  return answers.length === 1 ? [later(answers[0]!, ms)] : answers.map((answer) => later(answer, ms));
}

function later({ allowed, remaining, resetMs, retryAfterMs }: RateLimitAnswer, ms: number): RateLimitAnswer {
  return {
    allowed,
    remaining,
    resetMs: Math.max(0, Math.ceil(resetMs - ms)),
    retryAfterMs: Math.max(0, Math.ceil(retryAfterMs - ms)),
    receipt: undefined,
    source: 'deny-cache',
  };
}
