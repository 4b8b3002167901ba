import assert from 'node:assert/strict';
import type { RateLimitAnswer, RateLimitCharge, RateLimitStorage } from '../../rate-limit/storage.js';
import { RATE_LIMIT_ALGORITHMS } from '../../rate-limit/algorithms/index.js';
import { charge, type ContractTime } from './asking.js';
import { CounterOracle, type OracleAnswer } from './oracle.js';
import { Seeded } from './seeded.js';

/** What has been charged, and can be given back. */
interface Charged {
  readonly charges: readonly RateLimitCharge[];
  readonly receipts: readonly RateLimitAnswer['receipt'][];
  readonly at: number;
}

export interface ScheduleOptions {
  readonly steps: number;
  /** Real time passes while it runs: long windows, from which nothing leaves, and no comparison of times. */
  readonly countsOnly: boolean;
}

/** The longest window an option takes, of which hardly any test meets the end. */
const YEAR_MS = 31_622_400_000;

/** One random schedule of calls on one identity with one to three policies, each answer compared with the oracle's. */
export class RandomSchedule {
  private readonly random: Seeded;
  private readonly identity: string;
  private readonly policies: readonly RateLimitCharge[];
  private readonly oracles = new Map<string, CounterOracle>();
  private readonly charged: Charged[] = [];
  private readonly trace: unknown[][] = [];

  constructor(
    private readonly storage: RateLimitStorage,
    private readonly time: ContractTime,
    private readonly seed: number,
    private readonly options: ScheduleOptions,
  ) {
    this.random = new Seeded(seed);
    this.identity = `key:schedule-${seed}`;
    this.policies = Array.from({ length: this.random.whole(1, 3) }, (_, index) =>
      this.policy(`counter-${seed}-${index}`),
    );
    for (const policy of this.policies) this.oracles.set(policy.counter, new CounterOracle(policy));
  }

  async run(): Promise<void> {
    for (let step = 0; step < this.options.steps; step++) {
      const dice = this.random.next();
      if (dice < 0.25 && !this.options.countsOnly) await this.wait();
      else if (dice < 0.75) await this.consume();
      else if (dice < 0.85) await this.peek();
      else if (dice < 0.92) await this.refund();
      else if (dice < 0.96) await this.debit();
      else if (dice < 0.99) await this.reset();
      else await this.clear();
    }
  }

  private policy(counter: string): RateLimitCharge {
    const { random } = this;
    const algorithm = random.of(RATE_LIMIT_ALGORITHMS);
    const limit = random.of([0, 1, 2, 3, random.whole(1, 40), random.whole(1, 1024)]);
    return charge(counter, limit, {
      algorithm,
      burst: algorithm === 'gcra' && limit > 0 ? random.of([1, limit, random.whole(1, limit * 2)]) : limit,
      windowMs: this.options.countsOnly ? YEAR_MS : random.of([random.whole(1, 50), random.whole(2, 5000)]),
      blockMs: random.chance(0.2) ? (this.options.countsOnly ? YEAR_MS : random.whole(1, 3000)) : 0,
      shadow: random.chance(0.15),
    });
  }

  private withCosts(): RateLimitCharge[] {
    const { random } = this;
    const cost = ({ limit }: RateLimitCharge): number =>
      random.chance(0.7) ? 1 : random.of([0, 2, random.whole(0, limit + 2)]);
    return random.some(this.policies).map((policy) => ({ ...policy, cost: cost(policy) }));
  }

  private async wait(): Promise<void> {
    const { windowMs } = this.random.of(this.policies);
    const ms = this.random.of([0, 1, windowMs - 1, windowMs, windowMs + 1, this.random.whole(0, windowMs * 2)]);
    this.trace.push(['wait', ms]);
    await this.time.advance(ms);
  }

  private async consume(): Promise<void> {
    const charges = this.withCosts();
    const answers = await this.storage.consume(this.identity, charges);
    const now = this.time.now();
    const expected = this.expected(charges, now);
    this.compare('consume', charges, answers, expected);
    const admitted = expected.every(({ allowed }, index) => allowed || charges[index]!.shadow);
    charges.forEach((one, index) => {
      const oracle = this.oracles.get(one.counter)!;
      if (!expected[index]!.allowed) {
        if (one.blockMs > 0) oracle.block(now);
      } else if (admitted) oracle.charge(now, one.cost);
    });
    if (!admitted) return;
    const made = charges.filter((one, index) => expected[index]!.allowed && one.cost > 0);
    const receipts = made.map((one) => answers[charges.indexOf(one)]!.receipt);
    if (made.length > 0) this.charged.push({ charges: made, receipts, at: Math.floor(now) });
  }

  private async peek(): Promise<void> {
    const charges = this.withCosts();
    const answers = await this.storage.peek(this.identity, charges);
    this.compare('peek', charges, answers, this.expected(charges, this.time.now(), false));
  }

  private async refund(): Promise<void> {
    const index = this.random.whole(0, this.charged.length - 1);
    const [found] = this.charged.splice(index, 1);
    const isNamed = found !== undefined && this.random.chance(0.7) && !this.isTimed(found.charges);
    const charges = isNamed ? found.charges : this.withCosts();
    this.note(isNamed ? `refund of ${found.at}` : 'refund', charges);
    if (isNamed) await this.storage.refund(this.identity, charges, found.receipts);
    else await this.storage.refund(this.identity, charges);
    const now = this.time.now();
    for (const { counter, cost } of charges)
      this.oracles.get(counter)!.refund(now, cost, isNamed ? found.at : undefined);
    // Something most recent is gone: what is left may no longer be what a receipt names.
    if (!isNamed) this.charged.length = 0;
  }

  /** What a level gets back depends on when it was charged, which in real time is not known to the millisecond. */
  private isTimed(charges: readonly RateLimitCharge[]): boolean {
    return this.options.countsOnly && charges.some(({ algorithm }) => algorithm === 'gcra');
  }

  private async debit(): Promise<void> {
    const charges = this.withCosts().filter(({ algorithm }) => algorithm !== 'concurrency');
    this.note('debit', charges);
    await this.storage.debit(this.identity, charges);
    const now = this.time.now();
    for (const { counter, cost } of charges) this.oracles.get(counter)!.debit(now, cost);
    this.charged.length = 0;
  }

  private async reset(): Promise<void> {
    const isNamed = this.random.chance(0.6);
    const reset = isNamed ? this.random.some(this.policies) : this.policies;
    this.note('reset', reset);
    const counters = reset.map(({ counter }) => counter);
    await this.storage.reset(this.identity, isNamed ? counters : undefined);
    for (const counter of counters) this.oracles.get(counter)!.reset();
    this.charged.length = 0;
  }

  private async clear(): Promise<void> {
    this.trace.push(['clear']);
    await this.storage.clear(this.policies.map(({ counter }) => counter));
    for (const oracle of this.oracles.values()) oracle.reset();
    this.charged.length = 0;
  }

  /** The oracle's answers: each by itself, and after the charge where all are charged. */
  private expected(charges: readonly RateLimitCharge[], now: number, charging = true): OracleAnswer[] {
    const alone = charges.map((one) => this.oracles.get(one.counter)!.ask(now, one.cost));
    const admitted = charging && alone.every(({ allowed }, index) => allowed || charges[index]!.shadow);
    return charges.map((one, index) => {
      const answer = alone[index]!;
      const oracle = this.oracles.get(one.counter)!;
      if (!answer.allowed) return charging && one.blockMs > 0 ? oracle.askBlocked(now, one.cost) : answer;
      if (!admitted) return answer;
      return oracle.askCharged(now, one.cost);
    });
  }

  private compare(
    what: string,
    charges: readonly RateLimitCharge[],
    answers: readonly RateLimitAnswer[],
    expected: readonly OracleAnswer[],
  ): void {
    this.note(what, charges);
    const shown = (answer: OracleAnswer): Partial<OracleAnswer> => {
      const { allowed, remaining, resetMs, retryAfterMs } = answer;
      return this.options.countsOnly ? { allowed, remaining } : { allowed, remaining, resetMs, retryAfterMs };
    };
    try {
      assert.deepEqual(answers.map(shown), expected.map(shown));
    } catch (error) {
      const { message } = error as Error;
      const steps = this.trace.slice(-30).map((step) => JSON.stringify(step));
      throw new Error(`seed ${this.seed}: ${message}\n${steps.join('\n')}`, { cause: error });
    }
  }

  private note(what: string, charges: readonly RateLimitCharge[]): void {
    this.trace.push([what, this.time.now(), charges]);
  }
}
