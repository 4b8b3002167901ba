import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lineBlocks, linesOf } from '../line-blocks.js';
import { RATCHET_FOLDER } from '../ratchet-shelf.js';
import { decodeState, newestEpoch, SLOT_BYTES, type EpochState, type LineState } from '../ratchet-state.js';
import type { Removed } from '../retention.js';
import { parseSegmentName } from '../segment.js';

export interface LogSegment {
  readonly file: string;
  readonly path: string;
  readonly no: number;
}

/** What a start record says of the ratchet. */
export interface RatchetPlace {
  readonly line: string;
  readonly generation: number;
}

/** What a later chain says of one that a crash has left. */
export interface Recovery {
  /** Who says so. */
  readonly by: string;
  readonly of: string;
  readonly lastSeq: number;
  readonly head: string;
  readonly torn?: { readonly file: string; readonly offset: number; readonly length: number; readonly sha256: string };
  readonly line?: string;
  readonly generation?: number;
  readonly epoch?: number;
  readonly seal?: string;
}

/** A chain as its files and its first records present it: nothing of it is verified yet. */
export interface LogChain {
  readonly id: string;
  readonly segments: readonly LogSegment[];
  readonly since: string;
  readonly kid: string | undefined;
  readonly ratchet: RatchetPlace | undefined;
  readonly previous: { readonly chain: string; readonly seq: number; readonly head: string } | undefined;
  /** Records between two checkpoints, at most; `undefined` where the start is gone. */
  readonly checkpointRecords: number | undefined;
  readonly syncs: boolean;
  /** Where its ratchet stands, as long as nobody has taken it over. */
  readonly state: EpochState | undefined;
}

export interface LogDirectory {
  readonly chains: readonly LogChain[];
  /** What retention says that it has removed, by file. */
  readonly removed: ReadonlyMap<string, Removed>;
  /** What later chains say of those that a crash has left. */
  readonly recoveries: readonly Recovery[];
  readonly lines: readonly LineState[];
}

const CONTROL_LINES = 64;

/** Finds the chains of a directory. @throws if it cannot be read. */
export async function readLogDirectory(directory: string): Promise<LogDirectory> {
  const byChain = new Map<string, LogSegment[]>();
  for (const file of await readdir(directory)) {
    const name = parseSegmentName(file);
    if (name === undefined) continue;
    const segments = byChain.get(name.chain) ?? [];
    byChain.set(name.chain, segments);
    segments.push({ file, path: join(directory, file), no: name.no });
  }
  const chains: LogChain[] = [];
  const removed = new Map<string, Removed>();
  const recoveries: Recovery[] = [];
  for (const [id, segments] of byChain) {
    const ordered = segments.toSorted((a, b) => a.no - b.no);
    // It says so where a segment begins.
    for (const { path } of ordered) {
      const records = await firstRecords(path);
      for (const each of records.flatMap(removedBy)) removed.set(each.file, each);
      recoveries.push(...records.flatMap(recoveriesBy));
    }
    chains.push(await readChain(directory, id, ordered));
  }
  const inOrder = chains.toSorted((a, b) => (a.since < b.since ? -1 : 1));
  return { chains: inOrder, removed, recoveries, lines: await readLines(directory) };
}

async function readChain(directory: string, id: string, segments: readonly LogSegment[]): Promise<LogChain> {
  const state = newestEpoch(await bytesOf(join(directory, RATCHET_FOLDER, `${id}.epoch`)));
  const records = await firstRecords(segments[0]!.path);
  const of = (type: string) => records.filter(({ t }) => t === type);
  const start = of('start')[0];
  const sink = (of('config')[0]?.['config'] as { sink?: Record<string, unknown> } | undefined)?.sink;
  const every = sink?.['checkpointEvery'] as { records?: number } | undefined;
  return {
    id,
    segments,
    since: text(records[0]?.['timestamp']) ?? '',
    kid: text(start?.['kid']),
    ratchet: placeOf(records[0]?.['ratchet']),
    previous: previousOf(start?.['previous']),
    checkpointRecords: typeof every?.records === 'number' ? every.records : undefined,
    syncs: sink?.['fsync'] !== 'never',
    state,
  };
}

async function firstRecords(path: string): Promise<Record<string, unknown>[]> {
  const records: Record<string, unknown>[] = [];
  try {
    for await (const block of lineBlocks(path)) {
      for (const line of linesOf(block)) {
        const record = JSON.parse(line) as Record<string, unknown>;
        if (record['t'] === 'event' || records.length >= CONTROL_LINES) return records;
        records.push(record);
      }
    }
  } catch {
    // A line that is none is found, and named, when the chain is read.
  }
  return records;
}

async function readLines(directory: string): Promise<LineState[]> {
  const folder = join(directory, RATCHET_FOLDER);
  const lines: LineState[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.next')) continue;
    const state = decodeState((await bytesOf(join(folder, name))).subarray(0, SLOT_BYTES));
    if (state !== undefined && 'id' in state) lines.push(state);
  }
  return lines;
}

async function bytesOf(path: string): Promise<Buffer> {
  return readFile(path).catch(() => Buffer.alloc(0));
}

/** The bytes of a file from this offset, a part of it at most. */
export async function bytesFrom(path: string, offset: number, most: number): Promise<{ bytes: Buffer; rest: number }> {
  const file = await open(path, 'r');
  try {
    const rest = Math.max(0, (await file.stat()).size - offset);
    const bytes = Buffer.alloc(Math.min(rest, most));
    await file.read(bytes, 0, bytes.length, offset);
    return { bytes, rest };
  } finally {
    await file.close();
  }
}

export function placeOf(value: unknown): RatchetPlace | undefined {
  const { line, generation } = (value ?? {}) as Partial<RatchetPlace>;
  return typeof line === 'string' && isCount(generation) ? { line, generation } : undefined;
}

function previousOf(value: unknown): LogChain['previous'] {
  const { chain, seq, head } = (value ?? {}) as Record<string, unknown>;
  return typeof chain === 'string' && isCount(seq) && typeof head === 'string' ? { chain, seq, head } : undefined;
}

/** Those of a start, and those that retention says again. */
function recoveriesBy(record: Record<string, unknown>): Recovery[] {
  const { t, chain, recovered } = record;
  if (t === 'recover') return recoveryOf({ ...record, by: chain });
  if (t !== 'prune' || !Array.isArray(recovered)) return [];
  return (recovered as Record<string, unknown>[]).flatMap((each) => (each === null ? [] : recoveryOf(each)));
}

/** Nothing if it is not what our writer writes: then it declares nothing. */
function recoveryOf(record: Record<string, unknown>): Recovery[] {
  const { by, of, lastSeq, head, torn, line, generation, epoch, seal } = record;
  if (typeof by !== 'string' || typeof of !== 'string' || !isCount(lastSeq) || typeof head !== 'string') return [];
  const { file, offset, length, sha256 } = (torn ?? {}) as Record<string, unknown>;
  const isTorn = typeof file === 'string' && isCount(offset) && isCount(length) && typeof sha256 === 'string';
  const isSealed = typeof line === 'string' && isCount(generation) && isCount(epoch) && typeof seal === 'string';
  return [
    {
      by,
      of,
      lastSeq,
      head,
      ...(isTorn && { torn: { file, offset, length, sha256 } }),
      ...(isSealed && { line, generation, epoch, seal }),
    },
  ];
}

function removedBy({ t, removed, before }: Record<string, unknown>): Removed[] {
  if (t !== 'prune' || !Array.isArray(removed) || !Array.isArray(before)) return [];
  return ([...before, ...removed] as Partial<Removed>[]).flatMap(({ file, lastSeq, head, ratchet }) => {
    if (typeof file !== 'string') return [];
    const isRead = isCount(lastSeq) && typeof head === 'string';
    return [{ file, lastSeq: isRead ? lastSeq : null, head: isRead ? head : null, ratchet }];
  });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
