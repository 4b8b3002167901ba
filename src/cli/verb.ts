/** Where a verb reads and writes: the process's own streams, or a test's. */
export interface Console {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Replaces the last line of a terminal that somebody watches; absent where nobody does. */
  readonly redraw?: ((text: string) => void) | undefined;
  /** All of standard input, as text. */
  readonly stdin: () => Promise<string>;
}

/** One verb of the command, in a file of its own. */
export interface Verb {
  /** As it is typed: `token explain`. */
  readonly name: string;
  /** What follows the name: `TOKEN|FILE|-`. */
  readonly usage: string;
  /** One line for the list of verbs. */
  readonly summary: string;
  /** Does it, and answers with the exit code: 0 for done, 3 for a call that makes no sense, others are the verb's own. */
  readonly run: (args: readonly string[], console: Console) => Promise<number>;
}

/** The exit code of a call that makes no sense, the same for every verb. */
export const USAGE = 3;
