const FIRST_PROBE_MS = 50;
const LAST_PROBE_MS = 500;
/** A client may have lost it: then another is sent, though this one may still be answered. */
const LOST_PROBE_MS = 1000;

/**
 * Whether the server answers. While it does not, a question of no consequence is put to it again and again, at most half a
 * second after the last has failed. What it cannot answer yet it answers when it is back, and that ends the outage.
 */
export class Outage {
  /** Why nothing is asked now; undefined while all is well. One for each outage, made once. */
  error: Error | undefined;
  private timer: NodeJS.Timeout | undefined;
  private probes = 0;
  private isProbing = false;
  private isClosed = false;
  private waitMs = FIRST_PROBE_MS;

  constructor(
    private readonly ask: () => Promise<void>,
    /** It has begun, or a probe was answered. */
    private readonly onChange: () => void,
  ) {}

  begin(error: Error): void {
    if (this.isClosed) return;
    if (this.error === undefined) {
      this.waitMs = FIRST_PROBE_MS;
      this.error = error;
      this.onChange();
    }
    this.probeLater();
  }

  end(): void {
    if (this.isClosed) return;
    this.stopTimer();
    this.error = undefined;
  }

  /** Asks now, unless it has been asked and there is no answer yet. */
  probe(): void {
    if (this.isProbing || this.isClosed) return;
    this.isProbing = true;
    const probe = ++this.probes;
    const settled = (): void => {
      if (probe === this.probes) this.isProbing = false;
    };
    this.after(LOST_PROBE_MS, () => {
      settled();
      if (this.error !== undefined) this.probe();
    });
    this.ask().then(
      () => {
        settled();
        this.end();
        this.onChange();
      },
      (error: unknown) => {
        settled();
        this.stopTimer();
        this.begin(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  close(error: Error): void {
    this.error = error;
    this.stopTimer();
    this.isClosed = true;
    this.onChange();
  }

  private probeLater(): void {
    if (this.isProbing || this.timer !== undefined) return;
    this.after(this.waitMs, () => this.probe());
    this.waitMs = Math.min(LAST_PROBE_MS, this.waitMs * 2);
  }

  private after(ms: number, act: () => void): void {
    this.stopTimer();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      act();
    }, ms);
    // An outage keeps no process alive.
    this.timer.unref();
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
