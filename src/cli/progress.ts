import type { Console } from './verb.js';

const EVERY_MS = 250;

/** A count that grows on one line of a terminal; nothing where nobody watches. */
export class Progress {
  private readonly startedMs = performance.now();
  private shownMs = performance.now();
  private isShown = false;

  constructor(private readonly console: Console) {}

  at(records: number): void {
    const nowMs = performance.now();
    if (this.console.redraw === undefined || nowMs - this.shownMs < EVERY_MS) return;
    this.shownMs = nowMs;
    this.isShown = true;
    const rate = Math.round((records / (nowMs - this.startedMs)) * 1000);
    this.console.redraw(`${records.toLocaleString('en')} records, ${rate.toLocaleString('en')} a second`);
  }

  end(): void {
    if (this.isShown) this.console.redraw?.('');
  }
}
