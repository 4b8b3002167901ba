import { after } from './timers.js';

/** What a call comes to; one of the first two, unless it is abandoned. */
interface CallEnds<T> {
  answered(value: T): void;
  failed(error: unknown): void;
  /** It has not answered by now. It is still under way. */
  late(): void;
}

/** The one call that is under way. An answer that comes after it was abandoned is not heard. */
export class Call {
  private current: object | undefined;
  private stopDeadline: (() => void) | undefined;

  get isUnderWay(): boolean {
    return this.current !== undefined;
  }

  watch<T>(answer: PromiseLike<T>, deadlineMs: number, ends: CallEnds<T>): void {
    const call = (this.current = {});
    this.stopDeadline = after(deadlineMs, () => ends.late());
    const end = (then: () => void): void => {
      if (this.current !== call) return;
      this.abandon();
      then();
    };
    answer.then(
      (value) => end(() => ends.answered(value)),
      (error: unknown) => end(() => ends.failed(error)),
    );
  }

  abandon(): void {
    this.current = undefined;
    this.stopTimer();
  }

  stopTimer(): void {
    this.stopDeadline?.();
    this.stopDeadline = undefined;
  }
}
