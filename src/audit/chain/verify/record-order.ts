import { GENESIS } from '../record.js';
import type { RecordLine } from '../record-line.js';
import type { AuditProblem, Problems } from './problem.js';

/** A record and where it was found. */
export interface Placed {
  readonly record: RecordLine;
  readonly file: string;
  readonly line: number;
}

/** So many of the last hashes are remembered, to tell a copy of a record from a made-up one. */
const REMEMBERED = 1024;
/** So many records that do not fit yet are kept aside. */
const MOST_ASIDE = 64;
/** So many in a row, each linked to the one before, and what is before them is taken for lost. */
const RUN = 3;

/**
 * Follows the numbers and links of one chain, record by record, and names what was done where they do not fit. A record
 * that comes too early is put aside: if what is missing comes later the two have changed places, if a run of others
 * follows it something was taken out, and if nothing ever fits, it was put in.
 */
export class RecordOrder {
  /** Of the last record that fits. */
  seq = 0;
  hash = GENESIS;
  /** Places at which a record is missing so far. */
  private readonly gaps: {
    readonly behind: Placed;
    from: number;
    to: number;
    problem: { -readonly [K in keyof AuditProblem]: AuditProblem[K] };
  }[] = [];
  private aside: (Placed & { readonly arrival: number })[] = [];
  private arrivals = 0;
  private lastArrival = 0;
  private readonly hashes = Array.from({ length: REMEMBERED }, () => '');
  private last: Placed | undefined;
  /** Two records claim the last place: the next one tells which of them is the chain's. */
  private fork: { readonly hash: string; readonly problem: { line: number; file: string } } | undefined;
  /** A line that was no record stands where the next one should be. */
  private isBroken = false;

  constructor(
    private readonly problems: Problems,
    /** Called with each record that takes its place in the chain, in order. */
    private readonly onRecord: (placed: Placed) => void,
    /** What is missing in front of the first record of a file: more is known of it there. */
    private readonly onMissingBefore: (placed: Placed, from: number) => AuditProblem,
  ) {}

  /** Where the chain begins, if its first records were removed by retention. */
  begin(seq: number, hash: string): void {
    this.seq = seq;
    this.hash = hash;
  }

  take(placed: Placed): void {
    const { record } = placed;
    this.arrivals++;
    if (record.seq === this.seq + 1) this.next(placed);
    else if (record.seq > this.seq) this.early(placed);
    else this.late(placed);
  }

  /** A line is no record, or not the one that was written: said already. */
  broken(): void {
    this.isBroken = true;
  }

  /** At the end of the chain nothing more can explain what was put aside. */
  finish(): void {
    // What came before a record that fits was put in; what comes behind all of them may have lost its beginning.
    while (this.aside.length > 0 && this.aside[0]!.arrival < this.lastArrival) this.dropFirstAside();
    while (this.aside.length > 0) {
      let length = 1;
      while (length < this.aside.length && this.isRun(this.aside.slice(0, length + 1), length + 1)) length++;
      this.acceptGap(this.aside.splice(0, length));
    }
  }

  private next(placed: Placed): void {
    const { record } = placed;
    if (record.prev !== this.hash && !this.isBroken) {
      if (this.fork !== undefined && record.prev === this.fork.hash) {
        // The earlier of the two was the one that does not belong.
        Object.assign(this.fork.problem, { line: this.last!.line, file: this.last!.file });
      } else if (this.aside.length > 0 && this.fitAside()) {
        this.take(placed);
        return;
      } else {
        this.problems.add({
          class: 'bad-link',
          ...where(placed),
          message: `record ${record.seq} does not follow from record ${this.seq}: one of the two was replaced`,
        });
      }
    }
    this.accept(placed);
    this.fitAside();
  }

  private early(placed: Placed): void {
    if (this.isBroken && placed.record.seq === this.seq + 2) {
      // The line that could not be read was the record between.
      this.accept(placed);
      return;
    }
    this.aside.push({ ...placed, arrival: this.arrivals });
    if (this.isRun(this.aside.slice(-RUN), RUN)) {
      while (this.aside.length > RUN) this.dropFirstAside();
      this.acceptGap(this.aside.splice(0));
    } else if (this.aside.length > MOST_ASIDE) this.dropFirstAside();
  }

  private late(placed: Placed): void {
    const { record } = placed;
    const gap = this.gaps.find(({ from, to }) => record.seq >= from && record.seq <= to);
    if (gap !== undefined) {
      if (gap.problem.class === 'reordered') return;
      Object.assign(gap.problem, { ...where(gap.behind), class: 'reordered' });
      gap.problem.message = `records ${gap.from} to ${gap.to} stand behind later ones`;
      return;
    }
    const known = this.hashes[record.seq % REMEMBERED];
    const isRecent = record.seq > this.seq - REMEMBERED;
    if (isRecent && known !== record.hash) {
      const problem = this.problems.add({
        class: 'inserted',
        ...where(placed),
        message: `a second record ${record.seq} that the chain does not have`,
      });
      if (record.seq === this.seq) this.fork = { hash: record.hash, problem };
      return;
    }
    this.problems.add({ class: 'duplicate', ...where(placed), message: `record ${record.seq} stands here once more` });
  }

  private accept(placed: Placed): void {
    this.isBroken = false;
    this.fork = undefined;
    this.seq = placed.record.seq;
    this.hash = placed.record.hash;
    this.hashes[this.seq % REMEMBERED] = this.hash;
    this.last = placed;
    this.lastArrival = this.arrivals;
    this.onRecord(placed);
  }

  /** Whether a record that was put aside takes its place now. */
  private fitAside(): boolean {
    const index = this.aside.findIndex(({ record }) => record.seq === this.seq + 1 && record.prev === this.hash);
    if (index < 0) return false;
    const [placed] = this.aside.splice(index, 1);
    this.problems.add({
      class: 'reordered',
      ...where(placed!),
      message: `record ${placed!.record.seq} stands in front of record ${this.seq}`,
    });
    this.accept(placed!);
    this.fitAside();
    return true;
  }

  private acceptGap(run: readonly Placed[]): void {
    const first = run[0]!;
    const from = this.seq + 1;
    const problem = this.problems.add(this.onMissingBefore(first, from));
    this.gaps.push({ behind: first, from, to: first.record.seq - 1, problem });
    for (const placed of run) this.accept(placed);
  }

  private dropFirstAside(): void {
    const placed = this.aside.shift()!;
    this.problems.add({
      class: 'inserted',
      ...where(placed),
      message: `record ${placed.record.seq} fits nowhere in the chain`,
    });
  }

  private isRun(placed: readonly Placed[], length: number): boolean {
    if (placed.length < length) return false;
    return placed.every(
      ({ record }, index) =>
        index === 0 ||
        (record.seq === placed[index - 1]!.record.seq + 1 && record.prev === placed[index - 1]!.record.hash),
    );
  }
}

export function where({ record, file, line }: Placed): { file: string; line: number; seq: number } {
  return { file, line, seq: record.seq };
}
