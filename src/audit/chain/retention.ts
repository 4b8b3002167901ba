import { join } from 'node:path';
import { answerOf, call, type ChainFs } from './chain-fs.js';
import { parseSegmentName } from './segment.js';
import { listSegments, type ListedSegment } from './segment-list.js';
import type { ChainSettings, ControlRecord } from './segment-shelf.js';
import { readTail, type Tail } from './tail.js';

/** A segment that retention has removed. */
export interface Removed {
  readonly file: string;
  readonly lastSeq: number | null;
  readonly head: string | null;
  readonly ratchet: unknown;
}

type Preamble = readonly Readonly<Record<string, unknown>>[];
type End = Pick<Tail, 'seq' | 'head' | 'last'>;

/** So many chains that are gone are still named. */
const MOST_REMEMBERED = 64;
/** The log's own records in front of the first event are few. */
const PREAMBLE_BYTES = 65_536;
const LF = 0x0a;

/** Which segments go, and what is said of them before they do. Its work is done beside that of the application. */
export class Retention {
  private prunable: readonly string[] = [];
  /** Of this chain's own segments, which need not be read again for it. */
  private readonly sealed = new Map<string, End>();

  constructor(
    private readonly settings: ChainSettings,
    private readonly fs: ChainFs,
    private readonly instance: string,
  ) {}

  /** This segment of the chain ends here. */
  noteSealed(file: string, seq: number, head: string): void {
    if (this.settings.retainSegments !== undefined) this.sealed.set(file, { seq, head, last: 'seal' });
  }

  /** Names what has to go when there is one segment more, so that a verifier can tell policy from theft. */
  async pruneRecords(nowMs: number): Promise<readonly ControlRecord[]> {
    const { retainSegments } = this.settings;
    if (retainSegments === undefined) return [];
    try {
      const { fs, settings, instance } = this;
      const segments = await listSegments(fs, settings.directory, (chain) => chain.startsWith(`${instance}.`));
      const removed: Removed[] = [];
      const preambles: Preamble[] = [];
      for (const segment of segments.slice(0, Math.max(0, segments.length + 1 - retainSegments))) {
        const { file } = segment;
        const end = this.endOf(file);
        if (this.mayBeInUse(segment, end, nowMs)) continue;
        const preamble = await this.preambleOf(file);
        preambles.push(preamble);
        const ratchet = preamble[0]?.['ratchet'] ?? null;
        removed.push({ file, lastSeq: end?.seq ?? null, head: end?.head ?? null, ratchet });
      }
      this.prunable = removed.map(({ file }) => file);
      if (removed.length === 0) return [];
      const left = new Set(segments.filter(({ file }) => !this.prunable.includes(file)).map(({ chain }) => chain));
      const said = preambles.flat();
      return [['prune', { removed, before: removedBefore(said, removed), recovered: recoveredBefore(said, left) }]];
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
    for (const file of files) {
      this.sealed.delete(file);
      // One that another process has removed, or that may not be removed: the next segment tries again. Not in this
      // turn of the event loop: to free a large file takes a disk some milliseconds.
      this.fs.unlink(join(this.settings.directory, file), () => undefined);
    }
  }

  private endOf(file: string): End | undefined {
    return this.sealed.get(file) ?? readTail(this.fs, this.settings.directory, file);
  }

  /** Another process of this host may still write to a file that says nothing of its end and is not old. */
  private mayBeInUse({ mtimeMs }: ListedSegment, end: End | undefined, nowMs: number): boolean {
    if (end?.last === 'end' || end?.last === 'seal') return false;
    return nowMs - mtimeMs < this.settings.maxSegmentSeconds * 1000;
  }

  /** The log's own records that a segment begins with, as far as they can be read. */
  private async preambleOf(file: string): Promise<Preamble> {
    const records: Record<string, unknown>[] = [];
    try {
      const bytes = await this.beginningOf(file);
      for (let from = 0, to; (to = bytes.indexOf(LF, from)) >= 0; from = to + 1) {
        const record = JSON.parse(bytes.toString('utf8', from, to)) as Record<string, unknown>;
        if (record['t'] === 'event') break;
        records.push(record);
      }
    } catch {
      // What could be read so far.
    }
    return records;
  }

  private async beginningOf(file: string): Promise<Buffer> {
    const { fs, settings } = this;
    const fd = await answerOf<number>((done) => fs.open(join(settings.directory, file), 'r', done));
    try {
      const bytes = Buffer.allocUnsafe(PREAMBLE_BYTES);
      return bytes.subarray(0, await answerOf<number>((done) => fs.read(fd, bytes, 0, bytes.length, 0, done)));
    } finally {
      await call((done) => fs.close(fd, done));
    }
  }
}

/**
 * A record of what was removed goes with its own file one day, while a chain of then may still be there: the last file
 * of each chain is named again.
 */
function removedBefore(said: Preamble, now: readonly Removed[]): Removed[] {
  const last = new Map<string, Removed>();
  for (const { t, removed, before } of said) {
    if (t !== 'prune') continue;
    for (const each of [...(before as Removed[]), ...(removed as Removed[])]) last.set(chainOf(each.file), each);
  }
  for (const { file } of now) last.delete(chainOf(file));
  return [...last.values()].slice(-MOST_REMEMBERED);
}

/** So does what was said of a chain that a crash has left: as long as that chain is there, somebody must say it. */
function recoveredBefore(said: Preamble, left: ReadonlySet<string>): object[] {
  return said
    .flatMap(({ t, chain, seq: _seq, prev: _prev, h: _h, v: _v, recovered, ...content }) =>
      t === 'recover' ? [{ by: chain, ...content }] : t === 'prune' ? (recovered as Record<string, unknown>[]) : [],
    )
    .filter(({ of }: Record<string, unknown>) => left.has(String(of)))
    .slice(-MOST_REMEMBERED);
}

const chainOf = (file: string): string => parseSegmentName(file)?.chain ?? file;
