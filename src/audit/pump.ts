import { Backoff } from './backoff.js';
import { Call } from './call.js';
import type { SinkSettings } from './sink-settings.js';
import { Turns } from './turns.js';

/** So many calls of a sink that answers at once are made before the event loop has its turn. */
const ROUNDS_PER_TURN = 8;

/** Decides when a sink is called: never while a call is under way, never while it is given time after a failure. */
export class Pump {
  readonly call = new Call();
  readonly backoff: Backoff;
  private readonly turns: Turns;
  private isRunning = false;

  /** @param step Makes the next call; whether another may follow at once. */
  constructor(
    settings: SinkSettings,
    private readonly step: () => boolean,
  ) {
    this.backoff = new Backoff(settings);
    this.turns = new Turns(settings.gatherMs, this.run);
  }

  readonly run = (): void => {
    if (this.isRunning || this.isHeld) return;
    this.isRunning = true;
    try {
      for (let round = 0; round < ROUNDS_PER_TURN; round++) if (!this.step()) return;
    } finally {
      this.isRunning = false;
    }
    this.soon();
  };

  /** In the next turn of the event loop. */
  soon(): void {
    if (!this.isHeld) this.turns.soon();
  }

  /** When enough may have gathered. */
  later(): void {
    if (!this.isHeld) this.turns.later();
  }

  /** After a failure. */
  wait(): void {
    this.backoff.wait(this.run);
  }

  stop(): void {
    this.turns.stop();
    this.backoff.stop();
    this.call.stopTimer();
  }

  private get isHeld(): boolean {
    return this.call.isUnderWay || this.backoff.isWaiting;
  }
}
