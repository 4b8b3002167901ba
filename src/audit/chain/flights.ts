import type { Draft } from './draft.js';
import type { Job } from './jobs.js';
import type { Segment } from './segment.js';

/** What is on its way to the disk, and what becomes true once it is there. */
export interface Flight {
  readonly segment: Segment;
  readonly draft: Draft;
  readonly jobs: readonly Job[];
  /** How many of the gaps it carries. */
  readonly gaps: number;
  /** The checkpoint that it ends with. */
  readonly note: string | undefined;
  readonly landed: () => void;
}

/** Brings drafts to the disk, one at a time; the exit of the process may finish one in the middle. */
export class Flights {
  private current: Flight | undefined;

  constructor(
    private readonly isSynced: boolean,
    /** It is on the disk. */
    private readonly commit: (flight: Flight) => void,
    /** Nothing reads from it any more. */
    private readonly spent: (draft: Draft) => void,
  ) {}

  get isUnderWay(): boolean {
    return this.current !== undefined;
  }

  async fly(flight: Flight): Promise<void> {
    this.current = flight;
    try {
      await flight.segment.write(flight.draft.bytes);
      if (this.current === flight && this.isSynced) await flight.segment.sync();
    } catch (error) {
      if (this.current !== flight) return;
      this.current = undefined;
      this.spent(flight.draft);
      throw error;
    }
    // The exit of the process has finished it meanwhile.
    if (this.current !== flight) return;
    this.current = undefined;
    this.commit(flight);
    this.spent(flight.draft);
  }

  /** At the exit: returns the jobs that are done with it. */
  landSync(): readonly Job[] {
    const flight = this.current;
    this.current = undefined;
    if (flight === undefined || flight.segment.isUnsettled) return [];
    flight.segment.writeSync(flight.draft.bytes);
    this.commit(flight);
    return flight.jobs;
  }
}
