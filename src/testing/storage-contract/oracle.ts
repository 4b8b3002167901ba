import type { RateLimitAnswer, RateLimitCharge } from '../../rate-limit/storage.js';

export type OracleAnswer = Pick<RateLimitAnswer, 'allowed' | 'remaining' | 'resetMs' | 'retryAfterMs'>;

interface Spent {
  readonly kind: 'charge' | 'debit' | 'refund';
  /** When it happened; of a refund: when what it gives back was charged, `undefined` for the most recent. */
  readonly at: number | undefined;
  cost: number;
}

/**
 * One counter of one identity as the definitions have it, with no thought for speed: a list of all that was spent, and
 * a search for every time that is asked for. Times are whole milliseconds.
 */
export class CounterOracle {
  private spent: Spent[] = [];
  private blockedUntil = -Infinity;
  private high = -Infinity;

  constructor(private readonly asked: RateLimitCharge) {}

  /** What the counter by itself says to this cost now. */
  ask(now: number, cost: number): OracleAnswer {
    const at = this.see(now);
    const { limit, burst } = this.asked;
    const never = limit === 0 || cost > burst;
    const blocked = Math.max(0, this.blockedUntil - at);
    const fits = !never && this.room(at) >= cost;
    const remaining = limit === 0 ? 0 : Math.max(0, this.room(at));
    // Time never runs backwards in a window; waits are measured on the clock as it is shown.
    const behind = at - now;
    const later = (ms: number): number => (ms === 0 ? 0 : ms + behind);
    const freed = (then: number): boolean => Math.max(0, this.room(then)) > remaining;
    const reset = limit === 0 ? Infinity : remaining === burst ? 0 : later(first(at, freed));
    if (fits && blocked === 0) return { allowed: true, remaining, resetMs: reset, retryAfterMs: 0 };
    const retry = never ? Infinity : fits ? 0 : later(first(at, (then) => this.room(then) >= cost));
    return {
      allowed: false,
      remaining: blocked > 0 ? 0 : remaining,
      resetMs: Math.max(later(blocked), reset),
      retryAfterMs: Math.max(later(blocked), retry),
    };
  }

  /** What it says once the cost has been charged … */
  askCharged(now: number, cost: number): OracleAnswer {
    const before = this.spent;
    this.spent = before.map((one) => ({ ...one }));
    this.charge(now, cost);
    const { remaining, resetMs } = this.ask(now, 0);
    this.spent = before;
    return { allowed: true, remaining, resetMs, retryAfterMs: 0 };
  }

  /** … and to a refusal that begins a block. */
  askBlocked(now: number, cost: number): OracleAnswer {
    const before = this.blockedUntil;
    this.block(now);
    const answer = this.ask(now, cost);
    this.blockedUntil = before;
    return answer;
  }

  charge(now: number, cost: number): void {
    if (cost > 0) this.spent.push({ kind: 'charge', at: this.see(now), cost });
  }

  debit(now: number, cost: number): void {
    if (cost > 0) this.spent.push({ kind: 'debit', at: this.see(now), cost });
  }

  /** Begins a block, unless there is one. */
  block(now: number): void {
    const at = this.see(now);
    if (this.blockedUntil <= at) this.blockedUntil = at + this.asked.blockMs;
  }

  refund(now: number, cost: number, chargedAt: number | undefined): void {
    const at = this.see(now);
    if (this.asked.algorithm === 'gcra') {
      this.spent.push({ kind: 'refund', at: chargedAt, cost });
      return;
    }
    let left = cost;
    for (const one of this.live(at).reverse()) {
      if (chargedAt !== undefined && one.at !== chargedAt) continue;
      const taken = Math.min(left, one.cost);
      one.cost -= taken;
      left -= taken;
    }
  }

  reset(): void {
    this.spent = [];
    this.blockedUntil = -Infinity;
  }

  private see(now: number): number {
    return (this.high = Math.max(this.high, Math.floor(now)));
  }

  /** How many whole units fit at that time. */
  private room(at: number): number {
    const { algorithm, limit, burst, windowMs } = this.asked;
    if (algorithm === 'gcra')
      return Number(floorDiv(BigInt(burst) * BigInt(windowMs) - this.level(at), BigInt(windowMs)));
    const used = this.live(at).reduce((sum, { cost }) => sum + cost, 0);
    // A log keeps no more than its newest `limit` units; a count of a fixed window goes on.
    return algorithm === 'fixed-window' ? limit - used : Math.max(0, limit - used);
  }

  /** What counts at that time; for the logs without the oldest of what is over the limit. */
  private live(at: number): Spent[] {
    const { algorithm, limit, windowMs } = this.asked;
    if (algorithm === 'fixed-window') {
      return this.spent.filter((one) => Math.floor(one.at! / windowMs) === Math.floor(at / windowMs));
    }
    const live = this.spent.filter((one) => at - one.at! < windowMs && one.cost > 0);
    this.trim(live, limit);
    return live;
  }

  /** Late cost may go over the limit; then the oldest units are forgotten for good. */
  private trim(live: readonly Spent[], limit: number): void {
    let over = live.reduce((sum, { cost }) => sum + cost, 0) - limit;
    for (const one of live) {
      if (over <= 0) return;
      const taken = Math.min(over, one.cost);
      one.cost -= taken;
      over -= taken;
    }
  }

  private level(at: number): bigint {
    const { limit, burst, windowMs } = this.asked;
    const [perMs, unit] = [BigInt(limit), BigInt(windowMs)];
    let level = 0n;
    let last = Number.MIN_SAFE_INTEGER;
    for (const { kind, at: then, cost } of this.spent) {
      if (kind === 'refund') {
        level = positive(level - positive(BigInt(cost) * unit - BigInt(last - (then ?? last)) * perMs));
        continue;
      }
      level = positive(level - BigInt(then! - last) * perMs);
      const raised = level + BigInt(cost) * unit;
      const bound = BigInt(burst + limit) * unit;
      level = kind === 'charge' || raised < bound ? raised : level > bound ? level : bound;
      last = then!;
    }
    return positive(level - BigInt(at - last) * perMs);
  }
}

const positive = (value: bigint): bigint => (value > 0n ? value : 0n);

const floorDiv = (a: bigint, b: bigint): bigint => (a >= 0n ? a / b : -((-a + b - 1n) / b));

/** The least number of milliseconds after which `holds`, which once it does goes on doing so. */
function first(from: number, holds: (at: number) => boolean): number {
  let high = 1;
  while (!holds(from + high)) high *= 2;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(from + middle)) high = middle;
    else low = middle;
  }
  return high;
}
