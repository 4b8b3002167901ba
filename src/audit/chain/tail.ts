import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ChainFs } from './chain-fs.js';
import { HEADROOM } from './line-blocks.js';
import { hashLine, readLine, type RecordLine } from './record-line.js';
import { openingOf } from './record.js';
import { parseSegmentName } from './segment.js';

/** Bytes behind a segment's last good record: a write that a crash has cut. */
export interface TornTail {
  readonly offset: number;
  readonly length: number;
  readonly sha256: string;
}

/** The last good record of a segment, and what lies behind it if a write was cut. */
export interface Tail {
  readonly chain: string;
  readonly file: string;
  readonly seq: number;
  readonly head: string;
  /** The type of that record: `end` if the chain was ended in order, `seal` if the segment was. */
  readonly last: string;
  readonly torn?: TornTail;
}

const LF = 0x0a;
const FIRST_LOOK = 65_536;
/** More than one write is rarely cut, and one is rarely larger. */
const LONGEST_LOOK = 4_194_304;

/** The segments in a directory, the oldest first. */
export function segmentFiles(fs: ChainFs, directory: string, belongs: (chain: string) => boolean): string[] {
  const found: { file: string; chain: string; no: number; mtimeMs: number }[] = [];
  for (const file of fs.readdirSync(directory)) {
    const name = parseSegmentName(file);
    if (name === undefined || !belongs(name.chain)) continue;
    try {
      found.push({ file, ...name, mtimeMs: fs.statSync(join(directory, file)).mtimeMs });
    } catch {
      // Another process has just removed it.
    }
  }
  // A copy may have any times: within a chain the numbers count.
  const latest = new Map<string, number>();
  for (const each of found.sort((a, b) => a.no - b.no)) {
    each.mtimeMs = Math.max(each.mtimeMs, latest.get(each.chain) ?? 0);
    latest.set(each.chain, each.mtimeMs);
  }
  return found.sort((a, b) => a.mtimeMs - b.mtimeMs || a.no - b.no).map(({ file }) => file);
}

/** The end of a segment; `undefined` if there is no record in it, or the file cannot be read. */
export function readTail(fs: ChainFs, directory: string, file: string): Tail | undefined {
  try {
    const fd = fs.openSync(join(directory, file), 'r');
    try {
      const { size } = fs.fstatSync(fd);
      const short = tailWithin(fs, fd, file, size, FIRST_LOOK);
      // Only a segment that ends in order ends where its last record does.
      if (size <= FIRST_LOOK || short?.last === 'end' || short?.last === 'seal') return short;
      return tailWithin(fs, fd, file, size, LONGEST_LOOK);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

/** Follows the links from the first whole line of the look to where they break: a cut write may leave holes, too. */
function tailWithin(fs: ChainFs, fd: number, file: string, size: number, look: number): Tail | undefined {
  const offset = Math.max(0, size - look);
  const bytes = Buffer.alloc(HEADROOM + size - offset);
  fs.readSync(fd, bytes, HEADROOM, bytes.length - HEADROOM, offset);
  const chain = parseSegmentName(file)!.chain;
  const opening = openingOf(chain);
  let from = offset === 0 ? HEADROOM : bytes.indexOf(LF, HEADROOM) + 1;
  let last: RecordLine | undefined;
  for (let to; (to = bytes.indexOf(LF, from)) >= 0; from = to + 1) {
    const line = readLine(bytes, from, to, chain, opening);
    if (line === undefined || line.chain !== chain) break;
    if (last !== undefined && (line.prev !== last.hash || line.seq !== last.seq + 1)) break;
    if (hashLine(bytes, from, to) !== line.hash) break;
    last = line;
  }
  if (last === undefined) return undefined;
  const rest = bytes.subarray(from);
  const torn = {
    offset: offset + from - HEADROOM,
    length: rest.length,
    sha256: createHash('sha256').update(rest).digest('base64url'),
  };
  return { chain, file, seq: last.seq, head: last.hash, last: last.type, ...(rest.length > 0 && { torn }) };
}

/** The log's own records that a segment begins with, as JSON. */
export function readPreamble(
  fs: ChainFs,
  directory: string,
  file: string,
): readonly Readonly<Record<string, unknown>>[] {
  const records: Record<string, unknown>[] = [];
  try {
    const fd = fs.openSync(join(directory, file), 'r');
    try {
      const bytes = Buffer.alloc(FIRST_LOOK);
      const length = fs.readSync(fd, bytes, 0, bytes.length, 0);
      for (const line of bytes.toString('utf8', 0, bytes.subarray(0, length).lastIndexOf(LF)).split('\n')) {
        const record = JSON.parse(line) as Record<string, unknown>;
        if (record['t'] === 'event') break;
        records.push(record);
      }
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    // What could be read so far.
  }
  return records;
}
