import type { SinkSettings } from './sink-settings.js';
import { after } from './timers.js';

/** Waits between the calls of a sink that fails: doubled each time, and shortened by chance, so that processes do not call together. */
export class Backoff {
  private failures = 0;
  private stopWaiting: (() => void) | undefined;

  constructor(private readonly settings: Pick<SinkSettings, 'backoffMs' | 'maxBackoffMs'>) {}

  get isWaiting(): boolean {
    return this.stopWaiting !== undefined;
  }

  failed(): void {
    this.failures++;
  }

  succeeded(): void {
    this.failures = 0;
  }

  wait(then: () => void): void {
    const { backoffMs, maxBackoffMs } = this.settings;
    const longest = Math.min(maxBackoffMs, Math.max(1, backoffMs) * 2 ** Math.min(20, this.failures - 1));
    this.stopWaiting = after(longest * (0.5 + Math.random() / 2), () => {
      this.stopWaiting = undefined;
      then();
    });
  }

  stop(): void {
    this.stopWaiting?.();
    this.stopWaiting = undefined;
  }
}
