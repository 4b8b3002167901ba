/** What was done to a log, or what of it is not proved. */
export type ProblemClass = TamperClass | OpenClass;

/** Each of these says: somebody has changed the log. */
export type TamperClass =
  | 'edited'
  | 'inserted'
  | 'missing'
  | 'reordered'
  | 'duplicate'
  | 'foreign'
  | 'bad-link'
  | 'bad-signature'
  | 'bad-epoch'
  | 'missing-checkpoint'
  | 'cut-tail'
  | 'missing-segment'
  | 'missing-chain'
  | 'rollback'
  | 'torn-line';

/** Each of these says: nothing contradicts the log, but something is not proved. */
export type OpenClass = 'unsigned' | 'unsealed' | 'open-end' | 'unaccounted' | 'empty';

const OPEN: ReadonlySet<string> = new Set<OpenClass>(['unsigned', 'unsealed', 'open-end', 'unaccounted', 'empty']);

/** Something that an untouched log does not have, and where it is. */
export interface AuditProblem {
  /** What was done, or what is not proved; see `docs/23-audit-verification.md`. */
  readonly class: ProblemClass;
  /** The segment; empty where it is about a whole chain that is not there. */
  readonly file: string;
  /** From 1; 0 where it is about the file as a whole. */
  readonly line: number;
  readonly seq?: number;
  readonly message: string;
}

/** More than anybody reads; the rest is counted only, so that the memory stays the same. */
const MOST_KEPT = 1000;

type Found = { -readonly [K in keyof AuditProblem]: AuditProblem[K] };

/** The problems of a log, the first of each file first. */
export class Problems {
  isTampered = false;
  private found: Found[] = [];
  private untold = 0;

  /** The answer can still be made more exact. */
  add(problem: AuditProblem): Found {
    if (!OPEN.has(problem.class)) this.isTampered = true;
    const kept: Found = { ...problem };
    if (this.found.length < MOST_KEPT) this.found.push(kept);
    else this.untold++;
    return kept;
  }

  get count(): number {
    return this.found.length + this.untold;
  }

  /** Tampering first, in the order of chains, files and lines. */
  list(): readonly AuditProblem[] {
    const isOpen = (problem: Found): number => (OPEN.has(problem.class) ? 1 : 0);
    const ordered = this.found
      .map((problem, index) => ({ problem, index }))
      .toSorted(
        (a, b) =>
          isOpen(a.problem) - isOpen(b.problem) ||
          (a.problem.file === b.problem.file ? a.problem.line - b.problem.line : 0) ||
          a.index - b.index,
      )
      .map(({ problem }) => problem);
    if (this.untold === 0) return ordered;
    return [...ordered, { ...ordered.at(-1)!, message: `and ${this.untold} more problems` }];
  }
}
