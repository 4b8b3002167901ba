export interface InstantSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [timeSeconds: number, value: string];
}

export interface RangeSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [timeSeconds: number, value: string])[];
}

export interface RunningPrometheus {
  readonly url: string;
  get<Data>(path: string, parameters?: Readonly<Record<string, string>>): Promise<Data>;
  /** As of now, or of a moment (Unix, in seconds) that the answer is to hold for. */
  query(expression: string, at?: number): Promise<InstantSample[]>;
  queryRange(expression: string, start: number, end: number, step: number): Promise<RangeSeries[]>;
  readonly stop: () => Promise<void>;
}

export function startPrometheus(config: string, deadlineMs?: number): Promise<RunningPrometheus>;
