import { performance } from 'node:perf_hooks';
import type { RateLimitAnswer } from '../rate-limit/storage.js';
import { Batch, type Ask } from './batch.js';
import type { CallPlan } from './call-plan.js';
import type { DenyCache } from './deny-cache.js';
import { Outage } from './outage.js';
import type { RedisConnection } from './redis-client.js';
import { answer, isTooLate, numbersOf } from './reply.js';
import { DECIDE } from './scripts/decide.js';
import { OPERATION } from './scripts/layout.js';
import type { LuaScript } from './scripts/lua-script.js';
import { ServerClock } from './server-clock.js';

/** While the server decides one, the next is made here. More on their way at once would only be smaller. */
const MAX_FLYING = 2;
/** Fewer are not divided: a call of the script has a price of its own. */
const LEAST_ASKS = 16;
/** A timer that rings later than this says that the process was paused: by its own work, or by its host. */
const OWN_PAUSE_MS = 5;

const now = (): number => performance.now();

/**
 * The way to one part of the keys, which is on one server. What is asked while nothing is on its way goes out at the end of
 * the tick; what is asked meanwhile gathers and goes out together. Nothing waits longer than the deadline, and nothing waits
 * at all while the server is known to be away.
 */
export class Shard {
  private waiting: Ask[] = [];
  private readonly flying = new Set<Batch>();
  private isScheduled = false;
  private timer: NodeJS.Timeout | undefined;
  private ringsMs = 0;
  private wasPaused = false;
  /** Nothing is due before, after a pause of this process. */
  private graceMs = 0;
  private readonly clock = new ServerClock(now);
  private readonly outage: Outage;

  constructor(
    /** What its keys begin with. */
    readonly base: string,
    private readonly connection: RedisConnection,
    private readonly deadlineMs: number,
  ) {
    this.outage = new Outage(
      () => this.probe(),
      () => (this.isDown ? this.rejectWaiting() : this.schedule()),
    );
  }

  get isDown(): boolean {
    return this.outage.error !== undefined;
  }

  ask(plan: CallPlan, identity: string, denied?: DenyCache): Promise<readonly RateLimitAnswer[]> {
    const { error } = this.outage;
    if (error !== undefined) return Promise.reject(error);
    return new Promise((resolve, reject) => {
      this.waiting.push({ sinceMs: now(), plan, identity, resolve, reject, denied });
      this.schedule();
    });
  }

  /** Runs a script beside the batches, within the same deadline. */
  async run(script: LuaScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    if (this.outage.error !== undefined) throw this.outage.error;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(this.silence()), this.deadlineMs);
    });
    try {
      const command = ['EVALSHA', script.sha, String(keys.length), ...keys, ...args];
      return await Promise.race([this.evaluate(script, keys[0]!, command), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const closed = new Error('the storage is closed');
    this.outage.close(closed);
    for (const batch of this.flying) this.fail(batch, closed);
  }

  private schedule(): void {
    if (this.isScheduled || this.waiting.length === 0 || this.flying.size >= MAX_FLYING) return;
    this.isScheduled = true;
    // Idle, the end of the tick is soon enough for all that one event asks; else whatever else has arrived comes along.
    if (this.flying.size === 0) process.nextTick(this.flush);
    else setImmediate(this.flush);
  }

  private readonly flush = (): void => {
    this.isScheduled = false;
    if (this.waiting.length === 0) return;
    if (this.timer === undefined) this.ringAt(this.dueMs());
    else this.timer.ref();
    if (!this.connection.isReady()) {
      // Sent now, it would be kept by the client and charged long after it has been answered otherwise.
      this.outage.probe();
      return;
    }
    while (this.waiting.length > 0 && this.flying.size < MAX_FLYING) this.send(this.nextBatch());
  };

  private nextBatch(): Batch {
    const batch = new Batch(this.base, this.dueOf(this.waiting[0]!));
    const share = Math.max(LEAST_ASKS, Math.ceil(this.waiting.length / (MAX_FLYING - this.flying.size)));
    const most = Math.min(share, this.waiting.length);
    let taken = 0;
    while (taken < most && batch.add(this.waiting[taken]!)) taken++;
    this.waiting = taken === this.waiting.length ? [] : this.waiting.slice(taken);
    return batch;
  }

  private send(batch: Batch): void {
    this.flying.add(batch);
    this.evaluate(DECIDE, batch.firstKey, batch.command(DECIDE, this.clock)).then(
      (reply) => this.took(batch, reply),
      (error: unknown) => this.failed(batch, asError(error)),
    );
  }

  private async evaluate(script: LuaScript, key: string, command: readonly string[]): Promise<unknown> {
    try {
      return await this.connection.send(key, command);
    } catch (error) {
      // A server that has been flushed, or a replica that took over, has not seen the script: nothing was done.
      if (!asError(error).message.startsWith('NOSCRIPT')) throw error;
      return this.connection.send(key, ['EVAL', script.text, ...command.slice(2)]);
    }
  }

  private took(batch: Batch, reply: unknown): void {
    let numbers: number[];
    try {
      numbers = numbersOf(reply, this.clock);
    } catch (error) {
      this.failed(batch, asError(error));
      return;
    }
    this.clock.learn(numbers[0]!);
    this.outage.end();
    // Its callers were told that there was no answer: that the server speaks again is all that is left to know.
    if (!this.flying.has(batch)) return;
    // In time, and called too late: the server's clock was set. It is known again, and nothing was done.
    if (isTooLate(numbers)) this.send(batch);
    else {
      this.flying.delete(batch);
      answer(batch.asks, numbers);
      // Idle, it keeps no process alive.
      if (this.flying.size === 0 && this.waiting.length === 0) this.timer?.unref();
    }
    this.schedule();
  }

  private failed(batch: Batch, error: Error): void {
    if (!this.flying.has(batch)) return;
    this.fail(batch, error);
    this.outage.begin(error);
  }

  private fail(batch: Batch, error: Error): void {
    this.flying.delete(batch);
    for (const { reject } of batch.asks) reject(error);
  }

  private rejectWaiting(): void {
    const asks = this.waiting;
    this.waiting = [];
    for (const { reject } of asks) reject(this.outage.error!);
  }

  private dueOf(ask: Ask): number {
    return Math.max(ask.sinceMs + this.deadlineMs, this.graceMs);
  }

  /** When the oldest of all has to be answered; Infinity when nothing is asked. */
  private dueMs(): number {
    const [batch] = this.flying;
    if (batch !== undefined) return batch.dueMs;
    const [ask] = this.waiting;
    return ask === undefined ? Infinity : this.dueOf(ask);
  }

  /** One timer for all: it is set again for what is the oldest when it rings. */
  private ringAt(atMs: number): void {
    const waitMs = Math.max(1, Math.ceil(atMs - now()));
    this.ringsMs = now() + waitMs;
    // When the process was busy itself, answers may have arrived that it has not read yet: they are read first.
    this.timer = setTimeout(() => setImmediate(this.look), waitMs);
  }

  private readonly look = (): void => {
    this.timer = undefined;
    const at = now();
    const isOverdue = this.dueMs() <= at;
    const pausedMs = at - this.ringsMs;
    this.wasPaused = isOverdue && pausedMs > OWN_PAUSE_MS && !this.wasPaused;
    if (this.wasPaused) this.giveBack(at, pausedMs);
    else if (isOverdue) {
      for (const batch of this.flying) if (batch.dueMs <= at) this.failed(batch, this.silence());
      this.outage.begin(this.silence());
    }
    const dueMs = this.dueMs();
    if (dueMs !== Infinity) this.ringAt(dueMs);
  };

  /** Silence while this process was paused says nothing of the server: once, it gets the time back that the pause took. */
  private giveBack(at: number, pausedMs: number): void {
    this.graceMs = at + Math.min(pausedMs, this.deadlineMs);
    for (const batch of this.flying) batch.dueMs = Math.max(batch.dueMs, this.graceMs);
  }

  private silence(): Error {
    return new Error(`Redis has not answered within ${this.deadlineMs} ms`);
  }

  /** Says whether the server can be written to, which a replica or a server without memory cannot. */
  private async probe(): Promise<void> {
    const key = `${this.base}probe`;
    const command = ['EVALSHA', DECIDE.sha, '1', key, '9e15', '', String(OPERATION.probe), '#'];
    const reply = await this.evaluate(DECIDE, key, command);
    this.clock.learn(numbersOf(reply, this.clock)[0]!);
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
