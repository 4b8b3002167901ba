export interface RunningSample {
  readonly url: string;
  readonly port: number;
  readonly output: string;
  /** Resolves when it has ended; rejects if it had to be killed. */
  readonly stop: () => Promise<void>;
}

export function freePort(): Promise<number>;
export function startSample(name: string, deadlineMs?: number): Promise<RunningSample>;
