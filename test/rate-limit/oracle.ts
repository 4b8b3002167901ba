// The sliding window as its definition has it, with no thought for speed: a list of every charge that was admitted.

export interface OracleAnswer {
  readonly allowed: boolean;
  readonly remaining: number;
  readonly resetMs: number;
  readonly retryAfterMs: number;
}

export class SlidingWindowOracle {
  private charges: { at: number; cost: number }[] = [];
  private high = -Infinity;

  constructor(
    private readonly limit: number,
    private readonly windowMs: number,
  ) {}

  ask(now: number, cost: number, charging: boolean): OracleAnswer {
    // Time never runs backwards in a window; waits are measured on the clock as it is shown.
    this.high = Math.max(this.high, now);
    const live = this.charges.filter(({ at }) => this.high - at < this.windowMs);
    const used = live.reduce((sum, charge) => sum + charge.cost, 0);
    const allowed = this.limit > 0 && used + cost <= this.limit;
    if (allowed && charging && cost > 0) {
      this.charges.push({ at: this.high, cost });
      const oldest = live[0]?.at ?? this.high;
      return { allowed, remaining: this.limit - used - cost, resetMs: oldest + this.windowMs - now, retryAfterMs: 0 };
    }
    const resetMs = this.limit === 0 ? Infinity : live.length === 0 ? 0 : live[0]!.at + this.windowMs - now;
    return {
      allowed,
      remaining: Math.max(0, this.limit - used),
      resetMs,
      retryAfterMs: allowed ? 0 : this.retry(live, used, cost, now),
    };
  }

  refund(now: number, cost: number): void {
    this.high = Math.max(this.high, now);
    let left = cost;
    for (let i = this.charges.length - 1; i >= 0 && left > 0; i--) {
      const charge = this.charges[i]!;
      if (this.high - charge.at >= this.windowMs) break;
      const taken = Math.min(left, charge.cost);
      charge.cost -= taken;
      left -= taken;
    }
    this.charges = this.charges.filter((charge) => charge.cost > 0);
  }

  reset(): void {
    this.charges = [];
  }

  private retry(live: readonly { at: number; cost: number }[], used: number, cost: number, now: number): number {
    if (this.limit === 0 || cost > this.limit) return Infinity;
    let left = used;
    for (const charge of live) {
      left -= charge.cost;
      if (left + cost <= this.limit) return charge.at + this.windowMs - now;
    }
    throw new Error('an empty window takes anything within the limit');
  }
}
