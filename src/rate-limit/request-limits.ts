import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import type { Refusal } from '../refusal/refusal.js';
import { recordOf } from '../request/call-record.js';
import type { Asked } from './asked.js';
import type { CompiledPolicy } from './compiled-policy.js';
import type { Awaitable } from './storage.js';

const NONE: readonly CompiledPolicy[] = [];
const NOTHING: readonly Asked[] = [];

/** Whose limits a call has: several applications may share a process, and the classes in it. */
export interface LimitedBy {
  /** Behind all guards: asks what had to wait for them. */
  countWaiting(context: ExecutionContext, limits: RequestLimits): boolean | Promise<boolean>;
  /** Told when the handler has settled, by those that see it. */
  handled(limits: RequestLimits): void;
  /** Told when the call is over: gives back what does not count, now that it is known how it ended. */
  ended(limits: RequestLimits, statusCode: number | undefined, error: unknown): void;
  /** Late cost: what the call has cost in the end, of this policy or of all. */
  settleCost(limits: RequestLimits, cost: number, policy: string | undefined): Awaitable<void>;
}

/** What the limiter has done for one call, kept on the call's record: however often its guard is attached, it counts once. */
export class RequestLimits {
  asked: readonly Asked[] = NOTHING;
  /** What still waits for the caller. */
  waiting: readonly CompiledPolicy[] = NONE;
  /** While the storage is asked: whoever asks again waits for the same answer. */
  pending: Promise<boolean> | undefined = undefined;
  /** Once the call is refused: whoever asks again is refused alike. */
  refusal: Refusal | undefined = undefined;
  /** What the handler threw, for `countWhen`. */
  error: unknown = undefined;
  isWatched = false;
  /** The handler is at work, and whoever watches it will tell when it has settled. */
  isHandling = false;
  hasEnded = false;

  constructor(readonly by: LimitedBy) {}

  add(asked: readonly Asked[]): void {
    this.asked = this.asked.length === 0 ? asked : [...this.asked, ...asked];
  }

  takeWaiting(): readonly CompiledPolicy[] {
    const { waiting } = this;
    this.waiting = NONE;
    return waiting;
  }

  /** Whether the end of the call decides what counts. */
  get needsOutcome(): boolean {
    const { asked } = this;
    for (let index = 0; index < asked.length; index++) {
      const { policy } = asked[index]!;
      if (policy.countWhen !== undefined || policy.isLease) return true;
    }
    return false;
  }
}

/** The limits of the call that a guard or an interceptor was asked about, once there are any. */
export function limitsOf(context: ArgumentsHost): RequestLimits | undefined {
  return recordOf(context).limits as RequestLimits | undefined;
}
