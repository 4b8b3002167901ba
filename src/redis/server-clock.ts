import { TIME_FACTOR } from './scripts/layout.js';

/** Long before the end of a time, which wraps around after 35 minutes, could be taken for another. */
const KNOWN_FOR_MS = 60_000;

/** What is known here of the clock of the server, from its answers. */
export class ServerClock {
  private offsetMs = 0;
  private learnedAt = -Infinity;

  /** @param now Milliseconds of this process, evenly. */
  constructor(private readonly now: () => number) {}

  get isKnown(): boolean {
    return this.now() - this.learnedAt < KNOWN_FOR_MS;
  }

  /** The server has just said that it was `serverMs`. */
  learn(serverMs: number): void {
    this.learnedAt = this.now();
    this.offsetMs = serverMs - this.learnedAt;
  }

  /** The time of the server of which only the end was told: the one nearest to what it should be. */
  completed(end: number): number {
    const expected = this.now() + this.offsetMs;
    const behind = (((expected - end) % TIME_FACTOR) + TIME_FACTOR) % TIME_FACTOR;
    const serverMs = expected - (behind >= TIME_FACTOR / 2 ? behind - TIME_FACTOR : behind);
    return Math.round(serverMs);
  }

  /**
   * The last millisecond of the server at which a batch may still be decided that is due here at `dueMs`, as an argument.
   * What reaches a server that was away is then not charged, because its callers have been answered otherwise.
   */
  latest(dueMs: number): string {
    return this.learnedAt === -Infinity ? '9e15' : String(Math.ceil(dueMs + this.offsetMs));
  }
}
