/** Those who wait until nothing is left to do. */
export class Idle {
  private waiters: (() => void)[] = [];

  get isAwaited(): boolean {
    return this.waiters.length > 0;
  }

  wait(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  wake(): void {
    if (this.waiters.length === 0) return;
    const { waiters } = this;
    this.waiters = [];
    for (const wake of waiters) wake();
  }
}
