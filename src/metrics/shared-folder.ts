import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { MetricsTotals } from './metrics-totals.js';

/** What tells a process from all others that may write into the same folder. */
export interface ProcessIdentity {
  /** Where its process id means something. */
  readonly place: string;
  readonly pid: number;
  /** Epoch milliseconds, with fractions: a container that has started anew often has the same process id again. */
  readonly startedAt: number;
}

/** What one process has in the folder. */
export interface SharedRecord extends ProcessIdentity {
  readonly version: typeof VERSION;
  readonly id: string;
  /** Closed in good order: it will not write again. */
  readonly isClosed: boolean;
  /** Its own counts, and those of the processes that it has taken over. */
  readonly totals: MetricsTotals;
  /** Whose counts are in `totals`: a file that is still there under one of these names must not be added again. */
  readonly adopted: readonly string[];
}

/** A record of another version of this package is left out, rather than read wrongly. */
const VERSION = 2;
const RECORD = '.json';
const CLAIM = '.claim';
/** A file may vanish while it is read, because somebody takes it over; then everything is read again. */
const MAX_READS = 20;
/** Names of processes taken over are kept for readers that are in the middle of it, not for ever. */
const MAX_ADOPTED = 256;

/**
 * A folder in which each process keeps one file with its counts, and from which each can read those of all.
 *
 * Nothing here waits for a lock. A file is replaced by renaming, so it is read whole or not at all; what a reader adds up
 * is what was there at one moment, or it reads again; and a dead process is taken over by one other, whoever first
 * creates the claim, in one write that holds its counts and its name.
 */
export class SharedFolder {
  readonly id: string;
  private readonly adopted: string[] = [];
  private written = '';

  constructor(
    private readonly directory: string,
    private readonly self: ProcessIdentity = SELF,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.id = `${self.pid}-${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
  }

  /** Replaces this process's file, unless it says the same already. */
  write(totals: MetricsTotals, isClosed = false): void {
    const { id, adopted, self } = this;
    const record: SharedRecord = { version: VERSION, id, ...self, isClosed, totals, adopted };
    const text = JSON.stringify(record);
    if (text === this.written) return;
    const temporary = join(this.directory, `${id}.tmp`);
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, this.fileOf(id));
    this.written = text;
  }

  /** The records of the other processes, each count in exactly one of them or in one's own. */
  others(): SharedRecord[] {
    let records: SharedRecord[] = [];
    for (let reads = 0; reads < MAX_READS; reads++) {
      const names = this.list(RECORD);
      records = names.map((name) => this.read(name)).filter((record) => record !== undefined);
      if (this.list(RECORD).join() === names.join()) break;
    }
    const taken = new Set([...this.adopted, ...records.flatMap(({ adopted }) => adopted)]);
    return records.filter(({ id }) => id !== this.id && !taken.has(id));
  }

  /**
   * Whether the process of a record has ended, as far as can be told from here: of another machine or container it cannot.
   * Whoever had our process id before we started has.
   */
  isGone({ place, pid, startedAt, isClosed }: Pick<SharedRecord, keyof ProcessIdentity | 'isClosed'>): boolean {
    if (isClosed) return true;
    if (place !== this.self.place) return false;
    return pid === this.self.pid ? startedAt !== this.self.startedAt : !isRunning(pid);
  }

  /**
   * Takes over a process that is gone: `take` gets its last counts and must write them, with its own, before it returns.
   * Does nothing when another process is about to.
   */
  adopt(id: string, take: (totals: MetricsTotals) => void): void {
    const claim = join(this.directory, id + CLAIM);
    try {
      writeFileSync(claim, this.id, { flag: 'wx', mode: 0o600 });
    } catch {
      return;
    }
    // Read again under the claim: it may have been taken over, file and claim and all, since it was listed.
    const record = this.read(id + RECORD);
    if (record !== undefined) {
      this.adopted.push(id, ...record.adopted);
      this.adopted.splice(0, this.adopted.length - MAX_ADOPTED);
      take(record.totals);
      this.remove(id);
      // What it was about to take over itself, or had not yet removed.
      for (const left of record.adopted) this.remove(left);
      for (const open of this.list(CLAIM))
        if (this.text(open) === id) rmSync(join(this.directory, open), { force: true });
    }
    rmSync(claim, { force: true });
  }

  private remove(id: string): void {
    rmSync(this.fileOf(id), { force: true });
    rmSync(join(this.directory, `${id}.tmp`), { force: true });
  }

  private fileOf(id: string): string {
    return join(this.directory, id + RECORD);
  }

  private list(ending: string): string[] {
    return readdirSync(this.directory)
      .filter((name) => name.endsWith(ending))
      .sort();
  }

  private text(name: string): string {
    const file = join(this.directory, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** Undefined when it is gone, or none of ours. */
  private read(name: string): SharedRecord | undefined {
    try {
      const record = JSON.parse(readFileSync(join(this.directory, name), 'utf8')) as SharedRecord;
      return record.version === VERSION && record.id + RECORD === name ? record : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Two containers may have one host name, one folder, and a process 1 each: on Linux their process ids have a place of their own. */
function placeOfProcess(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

const SELF: ProcessIdentity = { place: placeOfProcess(), pid: process.pid, startedAt: performance.timeOrigin };

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
