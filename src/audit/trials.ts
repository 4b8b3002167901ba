import type { QueuedEvent } from './audit-queue.js';

interface Trial {
  failures: number;
  /** How many calls had succeeded before its first failure. */
  readonly since: number;
}

/** What to do with an event that a sink has refused on its own. */
export type Verdict = 'again' | 'later' | 'never';

/**
 * Tells an event that a sink can never take from a sink that is down. Both look the same as long as nothing gets through:
 * so an event that has failed often enough is set aside for the next one, and is given up only if it fails once more
 * after the sink has taken another.
 */
export class Trials {
  private readonly trials = new Map<QueuedEvent, Trial>();
  private successes = 0;

  constructor(private readonly attempts: number) {}

  succeeded(items: readonly QueuedEvent[]): void {
    this.successes++;
    if (this.trials.size > 0) for (const item of items) this.trials.delete(item);
  }

  failed(item: QueuedEvent): Verdict {
    let trial = this.trials.get(item);
    if (trial === undefined) this.trials.set(item, (trial = { failures: 0, since: this.successes }));
    if (++trial.failures < this.attempts) return 'again';
    // Asked once for each event, so that nothing is repeated and nothing can be told apart.
    if (this.attempts > 1 && trial.since === this.successes) return 'later';
    this.trials.delete(item);
    return 'never';
  }
}
