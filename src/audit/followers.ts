import type { AuditPosition } from './audit-sink.js';
import type { QueuedEvent } from './audit-queue.js';
import { settle } from './filing.js';

/** A sink that gets from a chain, later, what its own queue had no room for. */
interface Follower {
  readonly queued: number;
  schedule(): void;
}

/** Those that follow a chain, and wait for the place of each event in it. */
export class Followers {
  private readonly all: Follower[] = [];

  get areThere(): boolean {
    return this.all.length > 0;
  }

  add(follower: Follower): void {
    this.all.push(follower);
  }

  /** `undefined`: the chain will not have it. */
  tellPlace({ filing }: QueuedEvent, position: AuditPosition | undefined): void {
    if (this.areThere) settle(filing, position);
  }

  wake(): void {
    for (const follower of this.all) if (follower.queued > 0) follower.schedule();
  }
}
