/**
 * When a sink is offered the next batch: in the next turn of the event loop, so that what is logged together is written
 * together, or, where nobody waits, some milliseconds later, so that a busy process calls the disk less often.
 */
export class Turns {
  private immediate: NodeJS.Immediate | undefined;
  private isGathering = false;
  /** Made here, because a timer that a request makes keeps that request's data. */
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    gatherMs: number,
    private readonly then: () => void,
  ) {
    if (gatherMs > 0) this.timer = setTimeout(this.onTime, gatherMs).unref();
  }

  soon(): void {
    this.isGathering = false;
    this.immediate ??= setImmediate(this.onTurn);
  }

  /** Nobody waits. */
  later(): void {
    if (this.timer === undefined) this.soon();
    else if (!this.isGathering && this.immediate === undefined) {
      this.isGathering = true;
      this.timer.refresh();
    }
  }

  stop(): void {
    if (this.immediate !== undefined) clearImmediate(this.immediate);
    this.immediate = undefined;
    this.isGathering = false;
    clearTimeout(this.timer);
  }

  private readonly onTurn = (): void => {
    this.immediate = undefined;
    this.then();
  };

  private readonly onTime = (): void => {
    if (!this.isGathering) return;
    this.isGathering = false;
    this.then();
  };
}
