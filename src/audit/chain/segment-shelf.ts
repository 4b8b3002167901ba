import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ChainFs } from './chain-fs.js';
import { parseSegmentName } from './segment.js';
import { readPreamble, readTail, segmentFiles, type Tail } from './tail.js';
import type { RecordType } from './record.js';

export interface ChainSettings {
  readonly directory: string;
  /** `undefined`: the host's name. */
  readonly instance: string | undefined;
  readonly maxSegmentBytes: number;
  readonly maxSegmentSeconds: number;
  /** `undefined`: all. */
  readonly retainSegments: number | undefined;
  readonly fsync: 'batch' | 'never';
}

/** A record of the log's own, to be written at the next opportunity. */
export type ControlRecord = readonly [type: RecordType, content: object];

/** The end of a chain as its successor finds it. */
export interface FoundEnd extends Omit<Tail, 'torn' | 'chain'> {
  readonly torn?: Tail['torn'] & { readonly file: string };
}

/** A segment that retention has removed. */
export interface Removed {
  readonly file: string;
  readonly lastSeq: number | null;
  readonly head: string | null;
  readonly ratchet: unknown;
}

/** So many chains that are gone are still named. */
const MOST_REMEMBERED = 64;
/** So many of the newest files are looked at for the end of the chain before. */
const LOOKED_AT = 8;

/** The other segments of this host in the directory: where they end, and which of them go. */
export class SegmentShelf {
  /** Said of this chain in each of its segments, so that retention can account for it. */
  ratchet: { readonly line: string; readonly generation: number } | undefined;
  private prunable: readonly string[] = [];

  constructor(
    private readonly settings: ChainSettings,
    private readonly fs: ChainFs,
    private readonly instance: string,
  ) {}

  /** Where the newest chain of this host ends. */
  newestTail(): Tail | undefined {
    const { fs, settings } = this;
    for (const file of this.files().slice(-LOOKED_AT).toReversed()) {
      const tail = readTail(fs, settings.directory, file);
      if (tail !== undefined) return tail;
    }
    return undefined;
  }

  /** Where this chain ends, also if its last file is nothing but a cut write. */
  endOf(chain: string): FoundEnd | undefined {
    const { fs, settings } = this;
    let torn: FoundEnd['torn'];
    for (const file of this.files().toReversed()) {
      if (!file.startsWith(`${chain}-`)) continue;
      const tail = readTail(fs, settings.directory, file);
      if (tail !== undefined) {
        torn ??= tail.torn && { file, ...tail.torn };
        const { seq, head, last } = tail;
        return { file, seq, head, last, ...(torn && { torn }) };
      }
      torn ??= this.wholeFile(file);
    }
    return undefined;
  }

  /** Names what retention is about to remove, so that a verifier can tell policy from theft. */
  pruneRecords(own: string, nowMs: number): ControlRecord[] {
    const { retainSegments, directory } = this.settings;
    if (retainSegments === undefined) return [];
    try {
      const files = this.files();
      const old = files.filter((file) => file !== own).slice(0, Math.max(0, files.length - retainSegments));
      const going = old
        .map((file) => ({ file, tail: readTail(this.fs, directory, file) }))
        .filter(({ file, tail }) => !this.mayBeInUse(file, tail, nowMs));
      this.prunable = going.map(({ file }) => file);
      if (going.length === 0) return [];
      const preambles = going.map(({ file }) => readPreamble(this.fs, directory, file));
      const removed = going.map(({ file, tail }, index) => ({
        file,
        lastSeq: tail?.seq ?? null,
        head: tail?.head ?? null,
        ratchet: preambles[index]![0]?.['ratchet'] ?? null,
      }));
      const left = new Set(files.filter((file) => !this.prunable.includes(file)).map(chainOf));
      const before = removedBefore(preambles.flat(), removed);
      return [['prune', { removed, before, recovered: recoveredBefore(preambles.flat(), left) }]];
    } catch {
      // Retention is tried again with the next segment; the events of this one matter more.
      return [];
    }
  }

  /** Only after the record that names them is on the disk. */
  prune(): void {
    const files = this.prunable;
    if (files.length === 0) return;
    this.prunable = [];
    // One that another process has removed, or that may not be removed: the next segment tries again. Not in this
    // turn of the event loop: to free a large file takes a disk some milliseconds.
    for (const file of files) this.fs.unlink(join(this.settings.directory, file), () => undefined);
  }

  private files(): string[] {
    return segmentFiles(this.fs, this.settings.directory, (chain) => chain.startsWith(`${this.instance}.`));
  }

  private wholeFile(file: string): FoundEnd['torn'] {
    const { fs, settings } = this;
    const fd = fs.openSync(join(settings.directory, file), 'r');
    try {
      const bytes = Buffer.alloc(fs.fstatSync(fd).size);
      fs.readSync(fd, bytes, 0, bytes.length, 0);
      const sha256 = createHash('sha256').update(bytes).digest('base64url');
      return bytes.length === 0 ? undefined : { file, offset: 0, length: bytes.length, sha256 };
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Another process of this host may still write to a file that says nothing of its end and is not old. */
  private mayBeInUse(file: string, tail: Tail | undefined, nowMs: number): boolean {
    if (tail?.last === 'end' || tail?.last === 'seal') return false;
    const { directory, maxSegmentSeconds } = this.settings;
    return nowMs - this.fs.statSync(join(directory, file)).mtimeMs < maxSegmentSeconds * 1000;
  }
}

/**
 * A record of what was removed goes with its own file one day, while a chain of then may still be there: the last file
 * of each chain is named again.
 */
function removedBefore(preambles: readonly Readonly<Record<string, unknown>>[], now: readonly Removed[]): Removed[] {
  const last = new Map<string, Removed>();
  for (const { t, removed, before } of preambles) {
    if (t !== 'prune') continue;
    for (const each of [...(before as Removed[]), ...(removed as Removed[])]) last.set(chainOf(each.file), each);
  }
  for (const { file } of now) last.delete(chainOf(file));
  return [...last.values()].slice(-MOST_REMEMBERED);
}

/** So does what was said of a chain that a crash has left: as long as that chain is there, somebody must say it. */
function recoveredBefore(preambles: readonly Readonly<Record<string, unknown>>[], left: ReadonlySet<string>): object[] {
  return preambles
    .flatMap(({ t, chain, seq: _seq, prev: _prev, h: _h, v: _v, recovered, ...content }) =>
      t === 'recover' ? [{ by: chain, ...content }] : t === 'prune' ? (recovered as Record<string, unknown>[]) : [],
    )
    .filter(({ of }: Record<string, unknown>) => left.has(String(of)))
    .slice(-MOST_REMEMBERED);
}

const chainOf = (file: string): string => parseSegmentName(file)?.chain ?? file;
