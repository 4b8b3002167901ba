import assert from 'node:assert/strict';
import { drained } from '../../rate-limit/algorithms/gcra.js';
import type { RateLimitCharge } from '../../rate-limit/storage.js';

/** A storage counts in whole milliseconds: what happened a little later may count as a little earlier. */
const ROUNDING_MS = 1;

/**
 * What a storage must and must not say to calls of which is known only that they happened between two moments. It keeps
 * the least and the most that may be used.
 */
export class Uncertain {
  private readonly charges: { from: number; to: number }[] = [];
  private least = 0;
  private most = 0;
  private from = 0;
  private to = 0;

  constructor(private readonly asked: RateLimitCharge) {}

  /** Throws if no moments explain the answer. */
  readonly check = (from: number, to: number, allowed: boolean): void => {
    const [least, most] = this.asked.algorithm === 'gcra' ? this.levels(from, to) : this.logged(from, to);
    const { cost, burst } = this.asked;
    if (allowed) assert.ok(least + cost <= burst, `let ${cost} through on top of at least ${least} of ${burst}`);
    else assert.ok(most + cost > burst, `refused ${cost} on top of at most ${most} of ${burst}`);
    if (!allowed) return;
    this.charges.push({ from, to });
    [this.least, this.most] = [Math.max(0, least) + cost, most + cost];
    [this.from, this.to] = [from, to];
  };

  private logged(from: number, to: number): [number, number] {
    const { windowMs, limit, cost } = this.asked;
    const lateMs = ROUNDING_MS + (limit > 1024 ? windowMs / 64 : 0);
    const surely = this.charges.filter((one) => to - one.from < windowMs - ROUNDING_MS);
    const perhaps = this.charges.filter((one) => from - one.to < windowMs + lateMs);
    return [surely.length * cost, perhaps.length * cost];
  }

  private levels(from: number, to: number): [number, number] {
    const { windowMs, limit } = this.asked;
    const after = (level: number, ms: number): number => drained(level, ms, limit / windowMs);
    const least = after(this.least, to - this.from + ROUNDING_MS);
    return [least, after(this.most, Math.max(0, from - this.to - ROUNDING_MS))];
  }
}
