/** One promise of a contract: hand its `name` and `run` to the test runner you use. */
export interface ContractCase {
  readonly name: string;
  /** Rejects with what is not as promised. */
  readonly run: () => Promise<void>;
}
