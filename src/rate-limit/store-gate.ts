import type { AuthEvents } from '../events/auth-events.js';
import type { Asked } from './asked.js';
import { MemoryRateLimitStorage } from './memory/memory-rate-limit-storage.js';
import type { Awaitable, RateLimitAnswer, RateLimitCharge, RateLimitStorage } from './storage.js';

/** What a client is told to wait when the store is away and the policy is closed. */
const CLOSED_RETRY_MS = 1000;
/** Windows that the overrides of one policy may have before a reset by its name misses some. */
const MAX_VARIANTS = 1000;

export interface StoreGateOptions {
  readonly storage: RateLimitStorage;
  readonly expectedProcesses?: number | undefined;
  readonly now?: (() => number) | undefined;
  readonly maxKeys?: number | undefined;
  /** Of the limiter in this process: see MemoryRateLimitStorageOptions. */
  readonly onOverflow?: (() => void) | undefined;
  readonly events?: Pick<AuthEvents, 'publish'> | undefined;
  /** Told once for each outage. */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * The way to the storage. What the storage answers passes through; where it fails, `onStoreFailure` of each policy
 * decides: an exact limiter in this process with its share of the limit, or everything, or nothing.
 */
export class StoreGate {
  readonly storage: RateLimitStorage;
  private readonly expectedProcesses: number;
  private local: MemoryRateLimitStorage | undefined;
  private isDown = false;
  /** What overrides count apart from a counter: a reset of the one is one of the other. */
  private readonly variants = new Map<string, Set<string>>();

  constructor(private readonly options: StoreGateOptions) {
    this.storage = options.storage;
    this.expectedProcesses = options.expectedProcesses ?? 1;
  }

  /** Charges all of one identity, or none; says whether the call may pass. */
  consume(asked: readonly Asked[]): boolean | Promise<boolean> {
    return this.ask(asked, true);
  }

  /** The same without charging. */
  peek(asked: readonly Asked[]): boolean | Promise<boolean> {
    return this.ask(asked, false);
  }

  /** Gives back what these were charged at admission. Never fails: a store that is away forgets by itself. */
  refund(asked: readonly Asked[]): Awaitable<void> {
    let pending: Promise<void>[] | undefined;
    for (const one of asked) {
      const storage = one.chargedIn;
      if (storage === undefined) continue;
      one.chargedIn = undefined;
      const { answer } = one;
      const charge = one.late === 0 ? one.charge : { ...one.charge, cost: one.charge.cost - one.late };
      const remaining = Math.min(charge.burst, answer.remaining + charge.cost);
      one.answer = { ...answer, remaining, resetMs: remaining === charge.burst ? 0 : answer.resetMs };
      const done = this.attempt(() => storage.refund(one.identity, [charge], [answer.receipt]), storage);
      if (done) (pending ??= []).push(done);
    }
    return pending && Promise.all(pending).then(() => undefined);
  }

  /**
   * Late cost: what these have cost in the end. More than there is is spent too, and waited for. Less is given back of what
   * admission charged, and not of what was spent late.
   */
  settle(asked: readonly Asked[], cost: number): Awaitable<void> {
    let pending: Promise<void>[] | undefined;
    for (const one of asked) {
      const { chargedIn: storage, charge, answer } = one;
      // A lease is held or not: it costs nothing more for having been held.
      if (storage === undefined || one.policy.isLease) continue;
      const less = Math.min(charge.cost - cost, charge.cost - one.late);
      if (less === 0) continue;
      if (less < 0) one.late -= less;
      one.charge = { ...charge, cost: charge.cost - less };
      one.answer = { ...answer, remaining: Math.max(0, Math.min(charge.burst, answer.remaining + less)) };
      const done = this.attempt(
        () =>
          less > 0
            ? storage.refund(one.identity, [{ ...charge, cost: less }], [answer.receipt])
            : storage.debit(one.identity, [{ ...charge, cost: -less }]),
        storage,
      );
      if (done) (pending ??= []).push(done);
    }
    return pending && Promise.all(pending).then(() => undefined);
  }

  /** For what the application gives back by hand: the most recent charges, wherever they were made. */
  async giveBack(identity: string, charges: readonly RateLimitCharge[]): Promise<void> {
    this.local?.refund(
      identity,
      charges.map((charge) => this.shareOf(charge)),
    );
    await this.storage.refund(identity, charges);
  }

  async reset(identity: string, counters?: readonly string[]): Promise<void> {
    const all = this.withVariants(counters);
    this.local?.reset(identity, all);
    await this.storage.reset(identity, all);
  }

  async clear(counters?: readonly string[]): Promise<void> {
    const all = this.withVariants(counters);
    this.local?.clear(all);
    await this.storage.clear(all);
  }

  /** From now on a reset of the counter is one of the variant too. */
  noteVariant(counter: string, variant: string): void {
    let variants = this.variants.get(counter);
    if (variants === undefined) this.variants.set(counter, (variants = new Set()));
    if (variants.size < MAX_VARIANTS) variants.add(variant);
  }

  async close(): Promise<void> {
    this.local?.close();
    await this.storage.close?.();
  }

  private withVariants(counters: readonly string[] | undefined): readonly string[] | undefined {
    return counters?.flatMap((counter) => [counter, ...(this.variants.get(counter) ?? [])]);
  }

  private ask(asked: readonly Asked[], charging: boolean): boolean | Promise<boolean> {
    const { storage } = this;
    const { identity } = asked[0]!;
    const first = asked[0]!;
    // The array that is prepared is used where it can be: one policy at its own cost.
    const charges =
      asked.length === 1 && first.charge === first.policy.charge
        ? first.policy.charges
        : asked.map((one) => one.charge);
    let answers: Awaitable<readonly RateLimitAnswer[]>;
    try {
      answers = charging ? storage.consume(identity, charges) : storage.peek(identity, charges);
    } catch (error) {
      return this.failed(asked, charging, error);
    }
    if (Array.isArray(answers)) return this.take(asked, answers as RateLimitAnswer[], charging);
    return (answers as Promise<readonly RateLimitAnswer[]>).then(
      (found) => this.take(asked, found, charging),
      (error: unknown) => this.failed(asked, charging, error),
    );
  }

  private take(asked: readonly Asked[], answers: readonly RateLimitAnswer[], charging: boolean): boolean {
    if (!areAnswers(answers, asked.length)) {
      return this.failed(asked, charging, new TypeError('the storage answered with something else than answers'));
    }
    if (this.isDown && this.storage.isDown !== true) this.isUp();
    const source = this.storage.source ?? 'store';
    let admitted = true;
    for (let index = 0; index < asked.length; index++) {
      const one = asked[index]!;
      one.answer = answers[index]!;
      one.source = one.answer.source ?? source;
      if (!one.answer.allowed) admitted = admitted && one.policy.shadow;
    }
    if (charging) markCharged(asked, admitted, this.storage);
    return admitted;
  }

  private failed(asked: readonly Asked[], charging: boolean, error: unknown): boolean {
    this.wentDown(error);
    const locals: Asked[] = [];
    let isClosed = false;
    for (const one of asked) {
      const { limit } = one.charge;
      switch (one.policy.onStoreFailure) {
        case 'local':
          one.charge = this.shareOf(one.charge);
          locals.push(one);
          break;
        case 'open':
          one.source = 'open';
          one.answer = { allowed: true, remaining: limit, resetMs: 0, retryAfterMs: 0 };
          break;
        case 'closed':
          one.source = 'closed';
          one.answer = { allowed: false, remaining: 0, resetMs: CLOSED_RETRY_MS, retryAfterMs: CLOSED_RETRY_MS };
          isClosed ||= !one.policy.shadow;
      }
    }
    let admitted = true;
    if (locals.length > 0) {
      const charges = locals.map((one) => one.charge);
      const local = this.localStorage();
      const { identity } = locals[0]!;
      // A policy that is closed refuses the call: then nothing may be charged elsewhere either.
      const isCharging = charging && !isClosed;
      const answers = isCharging ? local.consume(identity, charges) : local.peek(identity, charges);
      locals.forEach((one, index) => {
        one.answer = answers[index]!;
        one.source = 'local-fallback';
        if (!one.answer.allowed) admitted = admitted && one.policy.shadow;
      });
      if (isCharging) markCharged(locals, admitted, local);
    }
    return admitted && !isClosed;
  }

  /** This process's share: rounded down, at least 1, and still 0 where nobody may pass. */
  private shareOf(charge: RateLimitCharge): RateLimitCharge {
    if (charge.limit === 0 || this.expectedProcesses === 1) return charge;
    const share = (whole: number): number => Math.max(1, Math.floor(whole / this.expectedProcesses));
    return { ...charge, limit: share(charge.limit), burst: share(charge.burst) };
  }

  private localStorage(): MemoryRateLimitStorage {
    const { now, maxKeys, onOverflow } = this.options;
    return (this.local ??= new MemoryRateLimitStorage({ now, maxKeys, onOverflow }));
  }

  private attempt(call: () => Awaitable<void>, storage: RateLimitStorage): Promise<void> | undefined {
    try {
      const done = call();
      if (done === undefined || done === null) return undefined;
      return Promise.resolve(done).catch((error: unknown) => this.wentDown(error, storage));
    } catch (error) {
      this.wentDown(error, storage);
      return undefined;
    }
  }

  private wentDown(error: unknown, storage = this.storage): void {
    if (this.isDown || storage !== this.storage) return;
    this.isDown = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.options.events?.publish({ type: 'store.state', state: 'down', reason });
    this.options.warn?.(
      `The rate-limit storage fails (${reason.slice(0, 200)}). Until it answers again each policy does what its onStoreFailure says.`,
    );
  }

  private isUp(): void {
    this.isDown = false;
    this.options.events?.publish({ type: 'store.state', state: 'up', reason: undefined });
    this.options.warn?.('The rate-limit storage answers again.');
  }
}

function markCharged(asked: readonly Asked[], admitted: boolean, storage: RateLimitStorage): void {
  if (!admitted) return;
  for (let index = 0; index < asked.length; index++) {
    const one = asked[index]!;
    if (one.answer.allowed) one.chargedIn = storage;
  }
}

function areAnswers(answers: unknown, count: number): boolean {
  if (!Array.isArray(answers) || answers.length !== count) return false;
  for (let index = 0; index < count; index++) {
    const answer = answers[index] as Partial<RateLimitAnswer> | undefined;
    if (typeof answer?.allowed !== 'boolean' || typeof answer.remaining !== 'number') return false;
  }
  return true;
}
