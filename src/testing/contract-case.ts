/** One promise of a contract: hand its `name` and `run` to the test runner you use. */
export interface ContractCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}
