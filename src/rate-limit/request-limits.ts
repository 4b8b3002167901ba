import type { Asked } from './asked.js';
import type { CompiledPolicy } from './compiled-policy.js';

const NONE: readonly CompiledPolicy[] = [];

/** What the limiter has done for one call, kept on the call's record: however often guard and interceptor are attached, it counts once. */
export class RequestLimits {
  readonly asked: Asked[] = [];
  /** What still waits for the caller. */
  waiting: readonly CompiledPolicy[] = NONE;
  /** What the handler threw, for `countWhen`. */
  error: unknown = undefined;
  hasSettled = false;
  isWatched = false;

  takeWaiting(): readonly CompiledPolicy[] {
    const { waiting } = this;
    this.waiting = NONE;
    return waiting;
  }

  /** Whether the end of the call decides what counts. */
  get needsOutcome(): boolean {
    const { asked } = this;
    for (let index = 0; index < asked.length; index++) if (asked[index]!.policy.countWhen !== undefined) return true;
    return false;
  }
}
