import type { OutboxLimits } from './outbox.js';

export interface SinkSettings extends OutboxLimits {
  readonly name: string;
  /** Of `audit.sinks`, and no console. */
  readonly isTrail: boolean;
  /** How long events that nobody waits for are gathered before a call. 0: until the next turn of the event loop. */
  readonly gatherMs: number;
  /** How long a call may take before the sink counts as hanging. */
  readonly deadlineMs: number;
  /** The first wait after a failure; doubled for each one more, up to `maxBackoffMs`. 0: none. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

export const SINK_SETTINGS: Omit<SinkSettings, 'name' | 'queue'> = {
  isTrail: false,
  batchEvents: 512,
  batchBytes: 1_048_576,
  gatherMs: 0,
  deadlineMs: 5000,
  attempts: 5,
  backoffMs: 100,
  maxBackoffMs: 30_000,
};
