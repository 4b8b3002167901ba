export interface RunningSample {
  readonly url: string;
  readonly port: number;
  readonly output: string;
  readonly stop: () => void;
}

export function freePort(): Promise<number>;
export function startSample(name: string, deadlineMs?: number): Promise<RunningSample>;
