import type { RateLimitAnswer } from '../rate-limit/storage.js';
import type { CallPlan } from './call-plan.js';
import type { DenyCache } from './deny-cache.js';
import { FIRST_SHAPE, MAX_SHAPES } from './scripts/layout.js';
import type { LuaScript } from './scripts/lua-script.js';
import type { ServerClock } from './server-clock.js';

/** One question on its way to the server. */
export interface Ask {
  /** When it was asked, by this process's clock. */
  readonly sinceMs: number;
  readonly plan: CallPlan;
  readonly identity: string;
  readonly resolve: (answers: readonly RateLimitAnswer[]) => void;
  readonly reject: (error: Error) => void;
  /** Where a refusal is remembered. */
  readonly denied: DenyCache | undefined;
}

/** So many decisions hold a server for a fifth of a millisecond. */
const MAX_ASKS = 128;
const MAX_KEYS = 512;

let batches = 0;

/** What one call of the script carries: as many questions as wait, up to a bound. */
export class Batch {
  readonly asks: Ask[] = [];
  private readonly keys: string[] = [];
  private readonly shapes: CallPlan[] = [];
  private order = '';
  private readonly id = ++batches;

  constructor(
    private readonly base: string,
    /** When the first of its questions has to be answered, on this process's clock. */
    public dueMs: number,
  ) {}

  /** Takes the question in, or says that there is no room for it. */
  add(ask: Ask): boolean {
    const { plan, identity } = ask;
    const { length } = this.asks;
    if (length === MAX_ASKS || (length > 0 && this.keys.length + plan.heads.length > MAX_KEYS)) return false;
    if (plan.batch !== this.id) {
      if (this.shapes.length === MAX_SHAPES) return false;
      plan.batch = this.id;
      plan.place = this.shapes.push(plan) - 1;
    }
    this.asks.push(ask);
    this.order += SHAPE_LETTERS[plan.place]!;
    for (let index = 0; index < plan.heads.length; index++) this.keys.push(this.base + plan.heads[index]! + identity);
    return true;
  }

  get firstKey(): string {
    return this.keys[0]!;
  }

  /** The command that runs `script`. A lone fast decision is asked without an order once the clock is known. */
  command(script: LuaScript, clock: ServerClock): string[] {
    const { keys, shapes } = this;
    const first = shapes[0]!;
    const command = ['EVALSHA', script.sha, String(keys.length)];
    for (let index = 0; index < keys.length; index++) command.push(keys[index]!);
    command.push(clock.latest(this.dueMs), first.first, first.second);
    if (this.asks.length === 1 && first.isFast && clock.isKnown) return command;
    command.push(this.order);
    for (let index = 1; index < shapes.length; index++) command.push(shapes[index]!.first, shapes[index]!.second);
    return command;
  }
}

const SHAPE_LETTERS = Array.from({ length: MAX_SHAPES }, (_, place) => String.fromCharCode(FIRST_SHAPE + place));
